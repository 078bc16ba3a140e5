DROP INDEX leaderboard_rank;
-- With the names, so that the order and a filter by name are read from the index alone.
CREATE INDEX leaderboard_rank ON leaderboard (tournament, kind, rank, name);
