"""What the cache is asked: rows with names, one question a function."""
