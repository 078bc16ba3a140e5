"""The Backtest screen."""
