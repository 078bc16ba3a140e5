-- A model asked for in another case is the same model: names are looked up so.
CREATE INDEX models_name ON models (tournament, name COLLATE NOCASE);
