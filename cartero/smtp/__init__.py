"""The SMTP and LMTP client, as generators of steps: no socket, no clock, no await."""
