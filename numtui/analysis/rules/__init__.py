"""Rules that propose stakes, and their backtest."""
