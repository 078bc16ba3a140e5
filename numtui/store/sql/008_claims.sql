-- Resolved Atomic positions that wait to be claimed, as they were last read; without their proofs, which are read fresh.
CREATE TABLE claims (
  tournament INTEGER NOT NULL, model_id TEXT NOT NULL, round INTEGER NOT NULL, staker TEXT NOT NULL,
  payout TEXT, burn TEXT, claimable TEXT,
  PRIMARY KEY (tournament, model_id, round, staker)
) WITHOUT ROWID;
CREATE TABLE claim_reads (      -- when the claims of a tournament were last read; `strategy`: of the strategy contract too
  tournament INTEGER PRIMARY KEY, time TEXT NOT NULL, strategy INTEGER NOT NULL
);
