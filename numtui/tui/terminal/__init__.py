"""The terminal itself: what is written to it, its clipboard, and how the program leaves it."""
