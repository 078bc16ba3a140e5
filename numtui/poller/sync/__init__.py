"""One poll: what is new, what follows from it, and how it becomes rows."""
