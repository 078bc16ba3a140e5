"""What the cache is asked about scores: their names, values, days, and arrays of them for the analysis."""
