"""What is due, fetched and written: a process of its own that knows nothing of the screens."""
