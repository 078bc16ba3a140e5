"""The reads of the cache: one question a function, typed rows as the answer."""
