"""Stake rules of the settings file, and what they propose."""
