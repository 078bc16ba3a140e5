"""The names that a service takes: spellings, what was learnt of them, documents written anew."""
