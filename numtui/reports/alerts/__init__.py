"""Alerts: the facts that rules are held against, and the tables of alerts, their history and the rules."""
