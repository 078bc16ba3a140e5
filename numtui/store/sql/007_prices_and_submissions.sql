CREATE TABLE price_history (    -- the newest price of each day, UTC
  base TEXT NOT NULL, target TEXT NOT NULL, date TEXT NOT NULL, price TEXT NOT NULL, time TEXT,
  PRIMARY KEY (base, target, date)
) WITHOUT ROWID;
INSERT INTO price_history (base, target, date, price, time)
  SELECT base, target, substr(time, 1, 10), price, time FROM prices
  WHERE price IS NOT NULL AND time GLOB '20[0-9][0-9]-[01][0-9]-[0-3][0-9]*';

CREATE TABLE submission_history ( -- the newest submission of each own model for each round that was seen
  model INTEGER NOT NULL, round INTEGER NOT NULL, id TEXT, status TEXT, time TEXT, filename TEXT,
  PRIMARY KEY (model, round)
) WITHOUT ROWID;
INSERT INTO submission_history (model, round, id, status, time, filename)
  SELECT model, round, id, status, time, filename FROM submissions WHERE round IS NOT NULL;
