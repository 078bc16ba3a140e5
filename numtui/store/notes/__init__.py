"""What the user wrote down: notes, tiers of models, epochs, saved choices; a SQLite file apart from any cache."""
