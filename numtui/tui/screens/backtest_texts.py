"""What the backtest screen says where there is nothing, and how its questions are answered."""

NO_MODELS = (
    "No models to compare: set NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY for your own,\n"
    "or press f on a model of the leaderboard (1) to watch it. m chooses among them."
)
NO_ROUNDS = (
    "These models have no final score in this range of rounds.\n\n"
    "n chooses other rounds (all, an epoch, 843..1100); u takes unresolved rounds too."
)
GRID_HINT = (
    "Axes such as  canon_corr=0,0.5,1 canon_mmc=0..3:0.5  or a preset such as classic-2024,\n"
    "usual (around today's multipliers), or actual (the terms of each round)."
)
MONEY_HINT = "stake in NMR a round; factor and clip a number, or actual for that of each round."
