"""Rules that say where stakes should go, and what they would have done."""
