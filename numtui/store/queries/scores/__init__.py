"""Reads of scores: their names, values and days, and arrays of them for the analysis."""
