"""What the tests, examples and documentation of releases do with the library: evidence for rules, and cases."""
