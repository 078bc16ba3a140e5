"""The simulated tournament: its calendar, models, scores and money."""
