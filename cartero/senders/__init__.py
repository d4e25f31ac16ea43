"""The senders, one road each; `cartero.connect` makes one from a URL."""
