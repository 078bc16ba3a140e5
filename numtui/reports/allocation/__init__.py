"""How much each model should carry: weights, their test out of sample, what they trade off, and the way there."""
