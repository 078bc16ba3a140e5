"""The account and its stakes: the state they are in, as the cache has it, and what screens and tables show of it."""
