"""The virtual table: rows from a report, only visible lines drawn."""
