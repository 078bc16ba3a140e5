"""Reads about NMR: the account, stakes and payouts."""
