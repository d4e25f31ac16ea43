"""Content into MIME and MIME into content: the managers."""
