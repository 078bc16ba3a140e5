ALTER TABLE rounds ADD COLUMN v3_staking INTEGER;  -- v3Staking: whether the round is staked the Atomic way

-- The final value of a score is that of the configuration's last scoring day: later days have their rows in `scores` alone.
UPDATE latest SET (day, value, percentile, date) = (
  SELECT s.day, s.value, s.percentile, s.date
  FROM models m JOIN score_configs c ON c.tournament = m.tournament AND c.round = latest.round AND c.score = latest.score
    JOIN scores s ON s.model = latest.model AND s.round = latest.round AND s.score = latest.score AND s.day <= c.total_score_days
  WHERE m.model = latest.model AND s.value IS NOT NULL ORDER BY s.day DESC LIMIT 1)
WHERE EXISTS (
  SELECT 1
  FROM models m JOIN score_configs c ON c.tournament = m.tournament AND c.round = latest.round AND c.score = latest.score
    JOIN scores s ON s.model = latest.model AND s.round = latest.round AND s.score = latest.score AND s.day <= c.total_score_days
  WHERE m.model = latest.model AND s.value IS NOT NULL AND latest.day > c.total_score_days);
