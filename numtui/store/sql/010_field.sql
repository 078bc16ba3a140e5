CREATE TABLE field_models (     -- everybody who was in a round whose field is here
  number INTEGER PRIMARY KEY, tournament INTEGER NOT NULL, name TEXT NOT NULL COLLATE NOCASE,
  UNIQUE (tournament, name)
);
CREATE TABLE field_rounds (     -- rounds with everybody in them, and what the tournament paid and burnt; NMR
  tournament INTEGER NOT NULL, round INTEGER NOT NULL, time TEXT NOT NULL, resolved INTEGER NOT NULL,
  models INTEGER NOT NULL, submitted INTEGER, stakes INTEGER, at_stake REAL, payout REAL, earned REAL, burned REAL,
  factor TEXT, multipliers TEXT NOT NULL,
  PRIMARY KEY (tournament, round)
) WITHOUT ROWID;
CREATE TABLE field_columns (    -- a value a model of the round, packed: its number, its stake, its scores
  tournament INTEGER NOT NULL, round INTEGER NOT NULL, name TEXT NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (tournament, round, name)
);
