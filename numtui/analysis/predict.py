"""Do backtests predict? Walk forward: choose on one window of rounds, measure on the next, with honest intervals."""
