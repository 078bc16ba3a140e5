"""What is written into the cache, by subject."""
