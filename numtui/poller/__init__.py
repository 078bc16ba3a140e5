"""The poller: a process of its own that fetches what is due into the cache, and knows nothing of the screens."""
