"""Grids of multipliers over past rounds: returns, rankings, compounding, walk forward."""
