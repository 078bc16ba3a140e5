"""Compounding a stake through overlapping rounds with lock-up: continuous stake (v2) and per-round stake (v3)."""
