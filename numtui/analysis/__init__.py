"""Pure functions of arrays: payout, backtest, drift, risk; no I/O, no clock, seeds are passed in."""
