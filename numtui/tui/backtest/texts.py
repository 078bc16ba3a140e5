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
    "SCORE=V,V,.. or SCORE=A..B:STEP for each score, such as\n"
    "canon_corr=0,0.5,1 canon_mmc=0..3:0.5\n"
    "or usual (around the multipliers that most of the rounds were paid by),\n"
    "actual (the terms of each round), or a preset: {presets}."
)
MONEY_HINT = (
    "stake in NMR a round; factor and clip a number, or actual for that of each round;\n"
    "length and gap in rounds: of the window to choose on, and before the one to measure on."
)
SAVE_HINT = "There are: {names}. NAME= takes one away."
EPOCH_HINT = (
    "843..1100 (either end open), all, or an epoch: {names}.\n"
    "NAME=843..1100 keeps an epoch of yours, NAME= takes it away."
)
