"""Models against everybody in their rounds, and what the tournament paid."""
