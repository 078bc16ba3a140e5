"""The local HTTP server that answers for the simulated tournament as the live API does."""
