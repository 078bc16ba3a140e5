"""Widgets around the table: header, lines, filter, footer."""
