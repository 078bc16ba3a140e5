"""How the scores of unresolved rounds move: projections, forecasts, revisions, calibration."""
