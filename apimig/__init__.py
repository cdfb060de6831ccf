"""Moves a Python code base to a new version of a library, and proves that it did."""

__version__ = "0.1.0"
