"""The append-only journal of stake changes."""
