"""The account and its stakes as the cache has them, and the tables of them."""
