"""What the cache is asked about NMR: the account, stakes and payouts."""
