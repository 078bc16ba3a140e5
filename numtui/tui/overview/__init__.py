"""The Overview screen: what needs the user now, the money of all tournaments, and own models."""
