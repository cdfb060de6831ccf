"""Calls of APIs whose parameters changed: found and repaired, with the truth from running them (see ``__main__``)."""
