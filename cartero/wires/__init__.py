"""The wires: each drives a conversation, one over a socket, one over asyncio."""
