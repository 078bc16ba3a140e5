"""Plans of stake changes: steps, costs, files."""
