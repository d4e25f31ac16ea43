"""Cartero in other people's frameworks, a room for each; none of them is imported before it is asked for."""
