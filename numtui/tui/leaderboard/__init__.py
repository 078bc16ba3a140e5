"""The Leaderboard screen."""
