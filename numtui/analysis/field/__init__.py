"""Models against everybody in their rounds: percentiles, burns, benchmarks, relatives, and what is out of character."""
