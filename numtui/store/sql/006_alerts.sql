-- Alerts: their states and history, what is to be delivered, rules made on screen; prices by the hour.
-- The table `alerts` of 001 was never written.
DROP TABLE alerts;

CREATE TABLE alerts (           -- one a rule, tournament, model and subject that has ever fired
  alert INTEGER PRIMARY KEY,
  rule TEXT NOT NULL, kind TEXT NOT NULL,      -- kind and scope of the rule; its name in the settings file
  tournament INTEGER NOT NULL DEFAULT 0,       -- 0: about no tournament
  model TEXT NOT NULL DEFAULT '', subject TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,                         -- firing | acknowledged | snoozed | cleared
  since TEXT NOT NULL, changed TEXT NOT NULL, until TEXT, calm INTEGER NOT NULL DEFAULT 0,
  text TEXT NOT NULL, value REAL, nmr TEXT, deadline TEXT,
  UNIQUE (rule, tournament, model, subject)
);
CREATE TABLE alert_history (    -- each change of a state, as it was told
  entry INTEGER PRIMARY KEY, alert INTEGER NOT NULL, time TEXT NOT NULL, state TEXT NOT NULL, who TEXT NOT NULL,  -- poller | you
  kind TEXT NOT NULL, tournament INTEGER NOT NULL DEFAULT 0, model TEXT NOT NULL DEFAULT '', subject TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL, value REAL, nmr TEXT, deadline TEXT, until TEXT
);
CREATE TABLE alert_outbox (     -- what is to be delivered: a row a change and channel, until its receipt
  message INTEGER PRIMARY KEY, entry INTEGER NOT NULL, channel TEXT NOT NULL,
  state TEXT NOT NULL,          -- waiting | sending | sent | given up
  batch TEXT,                   -- the key under which it was last tried: of one message, or of a summary
  attempts INTEGER NOT NULL DEFAULT 0, time TEXT NOT NULL, not_before TEXT, problem TEXT,
  UNIQUE (entry, channel)
);
CREATE INDEX alert_outbox_state ON alert_outbox (state);
CREATE TABLE alert_checks (     -- the last evaluation of each rule
  rule TEXT NOT NULL, tournament INTEGER NOT NULL DEFAULT 0, kind TEXT NOT NULL, time TEXT NOT NULL,
  ok INTEGER NOT NULL, past INTEGER NOT NULL, not_known INTEGER NOT NULL, reason TEXT,
  PRIMARY KEY (rule, tournament)
) WITHOUT ROWID;
CREATE TABLE alert_rules (rule INTEGER PRIMARY KEY, time TEXT NOT NULL, content TEXT NOT NULL);  -- made on screen, as JSON

CREATE TABLE price_hours (      -- the newest price of each hour in which one came
  base TEXT NOT NULL, target TEXT NOT NULL, hour TEXT NOT NULL, price TEXT NOT NULL,
  PRIMARY KEY (base, target, hour)
) WITHOUT ROWID;
