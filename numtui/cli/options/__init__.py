"""The options of `numtui export`, by what they choose."""
