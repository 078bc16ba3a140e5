"""HTTP alone: transport, retries, breaker, pacing, deadlines, addresses."""
