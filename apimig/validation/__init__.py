"""What running a repository's tests says: each test and how it ended, what was reached and seen, what broke it."""
