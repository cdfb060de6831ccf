"""Learns from two releases of a library: their surfaces, what they say, and what their shims do."""
