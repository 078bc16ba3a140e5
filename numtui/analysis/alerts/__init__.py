"""Alerts: from facts to conditions by the user's rules, and from conditions to states. Pure: no files, no clock."""
