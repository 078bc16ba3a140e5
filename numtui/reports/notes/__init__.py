"""What the user noted, as tables and as what other tables ask of it."""
