"""Atomic staking (v3): contracts, rounds, claims and authorisations. Nothing here changes a stake."""
