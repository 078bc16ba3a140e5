-- The days of a score of a model's round in one row: little-endian float64, place = day - 1, NaN where a day is missing.
-- Both blobs are equally long: up to the newest day that has a value or a percentile.
CREATE TABLE IF NOT EXISTS score_paths (
  model INTEGER NOT NULL, round INTEGER NOT NULL, score INTEGER NOT NULL, resolved INTEGER,
  day_values BLOB NOT NULL, day_percentiles BLOB NOT NULL,
  PRIMARY KEY (model, round, score)
) WITHOUT ROWID;

-- What a path cannot say of a day, few rows: that it was there without a value; a date other than the one that all models
-- have (score_dates) or that its row of `latest` has; whether it is final where it is not as its path (-1 unknown).
CREATE TABLE IF NOT EXISTS odd_days (
  model INTEGER NOT NULL, round INTEGER NOT NULL, score INTEGER NOT NULL, day INTEGER NOT NULL,
  resolved INTEGER, date TEXT,
  PRIMARY KEY (model, round, score, day)
) WITHOUT ROWID;
