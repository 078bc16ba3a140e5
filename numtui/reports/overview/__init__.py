"""The overview: needs, money by tournament, own models, days back, weeks ahead, and what happened last."""

PARTS = ("money", "needs", "models", "days", "weeks", "latest")  # the tables of an overview
