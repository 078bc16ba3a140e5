"""The overview: what needs the user now, the money of all tournaments, own models, and what happened last."""

PARTS = ("money", "needs", "models", "days", "latest")  # the tables of an overview
