-- The key's columns come first in every WITHOUT ROWID table: SQLite 3.40 checks NOT NULL by the wrong column otherwise, and
-- its integrity check then finds damage where there is none.
-- Times are TEXT `YYYY-MM-DDTHH:MM:SSZ`, money is TEXT (a decimal number), scores are REAL, flags are 0/1, unknown is NULL.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;      -- account, api_url, simulated, ...
CREATE TABLE changes (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;  -- a table's name -> counts its writes

CREATE TABLE tournaments (tournament INTEGER PRIMARY KEY, name TEXT, active INTEGER);

CREATE TABLE rounds (
  tournament INTEGER NOT NULL, round INTEGER NOT NULL, id TEXT, target TEXT,
  open_time TEXT, close_time TEXT, close_staking_time TEXT, score_time TEXT, resolve_time TEXT,
  resolved INTEGER, resolved_staking INTEGER, is_daily INTEGER,
  payout_factor TEXT, stake_threshold REAL, data_datestamp INTEGER,
  PRIMARY KEY (tournament, round)
) WITHOUT ROWID;

-- What a score is: its displayName with its version. Two versions of one name are two scores.
CREATE TABLE score_names (score INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, UNIQUE (name, version));

CREATE TABLE score_configs (   -- roundScoreConfigs: what a round scores and pays
  tournament INTEGER NOT NULL, round INTEGER NOT NULL, score INTEGER NOT NULL REFERENCES score_names,
  id TEXT, score_config_id TEXT, config_name TEXT, universe TEXT,
  total_score_days INTEGER, returns_lag_days INTEGER, data_delay_days INTEGER,
  is_canon INTEGER, is_payout INTEGER, scoring_start TEXT, scoring_end TEXT,
  min_multiplier TEXT, max_multiplier TEXT, default_multiplier TEXT,
  clip_threshold TEXT, stake_threshold REAL, payout_factor TEXT,
  PRIMARY KEY (tournament, round, score)
) WITHOUT ROWID;

CREATE TABLE models (
  model INTEGER PRIMARY KEY, tournament INTEGER NOT NULL, name TEXT NOT NULL, id TEXT,
  account TEXT, account_id TEXT, team INTEGER, archived INTEGER NOT NULL DEFAULT 0,
  mine INTEGER NOT NULL DEFAULT 0, watched INTEGER NOT NULL DEFAULT 0,
  start_time TEXT,
  synced_time TEXT,             -- when the full history was last complete here; NULL: never
  UNIQUE (tournament, name)
);
CREATE INDEX models_id ON models (id);

CREATE TABLE scores (           -- every day's score
  model INTEGER NOT NULL, round INTEGER NOT NULL, score INTEGER NOT NULL, day INTEGER NOT NULL,
  value REAL, percentile REAL, resolved INTEGER, date TEXT,
  PRIMARY KEY (model, round, score, day)
) WITHOUT ROWID;

CREATE TABLE score_dates (      -- when a round's scoring day was: one date for all models, so that `scores` need not repeat it
  tournament INTEGER NOT NULL, round INTEGER NOT NULL, day INTEGER NOT NULL, date TEXT NOT NULL,
  PRIMARY KEY (tournament, round, day)
) WITHOUT ROWID;

CREATE TABLE latest (           -- the newest day of each, with its payouts; kept at write time
  model INTEGER NOT NULL, round INTEGER NOT NULL, score INTEGER NOT NULL, day INTEGER,
  value REAL, percentile REAL, resolved INTEGER, date TEXT,
  payout_pending TEXT, payout_settled TEXT,
  PRIMARY KEY (model, round, score)
) WITHOUT ROWID;
CREATE INDEX latest_round ON latest (round);

CREATE TABLE positions (        -- a model in a round
  model INTEGER NOT NULL, round INTEGER NOT NULL,
  at_risk TEXT, submission_id TEXT, payout_factor TEXT, resolved INTEGER,
  churn REAL, churn_limit REAL, turnover REAL, turnover_limit REAL,
  PRIMARY KEY (model, round)
) WITHOUT ROWID;

CREATE TABLE multipliers (      -- the model's own payout multipliers in a round
  model INTEGER NOT NULL, round INTEGER NOT NULL, score INTEGER NOT NULL, multiplier TEXT NOT NULL,
  PRIMARY KEY (model, round, score)
) WITHOUT ROWID;

-- Newest leaderboards in full. `kind` is 'model' or 'account'. A score's column has the score's displayName.
CREATE TABLE leaderboard (
  entry INTEGER PRIMARY KEY, tournament INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, id TEXT, display_name TEXT,
  rank INTEGER, stored_rank INTEGER, rank_change_1d INTEGER, rank_change_3m INTEGER, rank_change_1y INTEGER,
  nmr_staked TEXT, stake REAL,                 -- the same; REAL to sort and filter by, never shown
  nmr_staked_rank INTEGER, team INTEGER, active INTEGER, title TEXT,
  return_1d REAL, return_3m REAL, return_1y REAL, return_all REAL,
  return_3m_nmr TEXT, return_1y_nmr TEXT, return_all_nmr TEXT,
  corr REAL, corr20 REAL, v2_corr20 REAL, corr60 REAL, corj60 REAL, cort20 REAL, corr_v4 REAL, corr20d REAL,
  mmc REAL, mmc20d REAL, mmc60 REAL, bmc REAL, tc REAL, fnc REAL, fnc_v3 REAL, fnc_v4 REAL,
  ic REAL, ic_v2 REAL, ric REAL, alpha REAL, mpc REAL, canon_corr_ltm REAL, canon_mmc_ltm REAL,
  sharpe REAL, today REAL,
  snapshot INTEGER NOT NULL,                   -- number of the snapshot that last saw the entry
  UNIQUE (tournament, kind, name)
);
CREATE INDEX leaderboard_rank ON leaderboard (tournament, kind, rank);

CREATE TABLE snapshots (        -- one a fetched leaderboard
  snapshot INTEGER PRIMARY KEY, tournament INTEGER NOT NULL, kind TEXT NOT NULL,
  time TEXT NOT NULL, entries INTEGER, complete INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE rank_history (     -- one a day
  tournament INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, date TEXT NOT NULL, rank INTEGER, nmr_staked TEXT,
  PRIMARY KEY (tournament, kind, name, date)
) WITHOUT ROWID;

CREATE TABLE stakes (           -- the account's models now
  model INTEGER PRIMARY KEY, stake TEXT, settled TEXT, status TEXT, take_profit INTEGER,
  pending_id TEXT, pending_type TEXT, pending_status TEXT, pending_amount TEXT, pending_due TEXT, pending_drain INTEGER,
  earliest_release TEXT
);
CREATE TABLE wallet (           -- one row: the account
  username TEXT PRIMARY KEY, id TEXT, wallet_address TEXT, available_nmr TEXT, on_chain TEXT,
  held_withdrawals TEXT, held_increases TEXT, currency TEXT, scopes TEXT, max_model_slots INTEGER
);
CREATE TABLE transactions (     -- the wallet's, the stakes', the scheduled ones
  key TEXT PRIMARY KEY,
  source TEXT NOT NULL, time TEXT, tournament INTEGER, model TEXT, model_id TEXT, round INTEGER, type TEXT, status TEXT,
  amount TEXT, value TEXT, due TEXT, drain INTEGER, hash TEXT, note TEXT
) WITHOUT ROWID;

CREATE TABLE payouts (          -- pendingModelPayouts
  tournament INTEGER NOT NULL, model_id TEXT NOT NULL, round INTEGER NOT NULL, model TEXT, settled INTEGER NOT NULL,
  payout TEXT, payout_value TEXT, currency TEXT, resolve_date TEXT,
  PRIMARY KEY (tournament, model_id, round)
) WITHOUT ROWID;

CREATE TABLE submissions (      -- the latest of each own model
  model INTEGER PRIMARY KEY, id TEXT, round INTEGER, status TEXT, time TEXT, filename TEXT, selected INTEGER,
  churn REAL, turnover REAL
);

CREATE TABLE prices (base TEXT NOT NULL, target TEXT NOT NULL, price TEXT, time TEXT, PRIMARY KEY (base, target)) WITHOUT ROWID;

CREATE TABLE pipeline (
  tournament INTEGER NOT NULL, date TEXT NOT NULL, is_scoring_day INTEGER, started TEXT, data_ready TEXT, scored TEXT, resolved TEXT,
  ingested TEXT,                -- the `scored`/`resolved` whose scores are all here
  PRIMARY KEY (tournament, date)
) WITHOUT ROWID;

CREATE TABLE polls (            -- one a poll and tournament; progress while it works
  poll INTEGER PRIMARY KEY, tournament INTEGER, kind TEXT NOT NULL,     -- first | scored | idle | export
  pid INTEGER, started TEXT NOT NULL, updated TEXT, finished TEXT, state TEXT NOT NULL,  -- working | done | failed | interrupted
  step TEXT, models_done INTEGER, models_total INTEGER, rounds INTEGER, rows INTEGER,
  requests INTEGER, bytes INTEGER, errors INTEGER, retries INTEGER, rate_limited INTEGER, seconds REAL, message TEXT
);
CREATE INDEX polls_tournament ON polls (tournament, poll);

CREATE TABLE forecasts (        -- what was forecast on a scoring day, kept so that the record has no hindsight
  model INTEGER NOT NULL, round INTEGER NOT NULL, day INTEGER NOT NULL, time TEXT NOT NULL, date TEXT, days_left INTEGER,
  at_risk TEXT, value REAL, expected REAL, p05 REAL, p25 REAL, p75 REAL, p95 REAL, burn_probability REAL,
  PRIMARY KEY (model, round, day)
) WITHOUT ROWID;

-- The user's own; salvaged from a damaged database.
CREATE TABLE notes (note INTEGER PRIMARY KEY, time TEXT NOT NULL, tournament INTEGER, model TEXT, round INTEGER, text TEXT NOT NULL);
CREATE TABLE epochs (tournament INTEGER NOT NULL, name TEXT NOT NULL, first INTEGER, last INTEGER, PRIMARY KEY (tournament, name)) WITHOUT ROWID;
CREATE TABLE presets (kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
CREATE TABLE alerts (alert INTEGER PRIMARY KEY, time TEXT NOT NULL, rule TEXT NOT NULL, tournament INTEGER, model TEXT, round INTEGER,
  text TEXT NOT NULL, cleared TEXT);
