"""The jobs of the poller after a scoring run."""
