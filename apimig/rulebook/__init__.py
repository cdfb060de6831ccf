"""Rules: their language, how they are loaded, and which of them a migration applies."""
