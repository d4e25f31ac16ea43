"""HTML, as strings in and strings out; no message is known here."""
