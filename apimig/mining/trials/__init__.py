"""Runs the cases of rules under two releases, in the sandbox, and compares what comes out."""
