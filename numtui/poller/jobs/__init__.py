"""What the poller does after a scoring run."""
