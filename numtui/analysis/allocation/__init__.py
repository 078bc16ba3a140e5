"""How much each model should carry: weights from the rounds that all of them have, and whether they serve."""
