"""The writes of the cache, by subject."""
