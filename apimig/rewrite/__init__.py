"""Turns findings into edits and edits into text; refuses with a reason where none is certain."""
