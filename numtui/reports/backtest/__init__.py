"""Reports on backtests: inputs, tables, rankings, walk forward."""
