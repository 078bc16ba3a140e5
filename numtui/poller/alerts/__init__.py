"""Alerts at work: evaluated after each poll, and what changed delivered by a process of its own."""
