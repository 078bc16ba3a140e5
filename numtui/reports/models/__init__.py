"""Reports on models, and which models a report is about."""
