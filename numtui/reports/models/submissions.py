"""The board of submissions: what each own model has in the open round, and what it had in the last 60."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.submissions import SUBMISSION_COLUMNS, Submission, is_submitted
from numtui.model import Column, Kind, Table, Tournament
from numtui.reports.stake.table import AT_RISK, STAKE
from numtui.store.queries.rounds import round_times
from numtui.store.queries.selection import Models, known_models
from numtui.store.queries.stakes.figures import stake_figures
from numtui.store.queries.submissions import newest_files, submission_record, submission_round, submissions
from numtui.store.queries.terms import staking_system

ROUNDS = 60
# The good is quiet, what costs money is loud; letters, so that every terminal and file can show them.
LETTERS = {
    Submission.ACCEPTED: ".",
    Submission.NONE: "X",
    Submission.LATE: "L",
    Submission.FAILED: "F",
    Submission.QUEUED: "q",
    None: "?",
}
LEGEND = ". sent, X missed, L late, F failed, q queued, ? unknown"
BOARD_COLUMNS = (
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("round", Kind.INT, doc="the round that takes submissions, or the one that took them last"),
    *SUBMISSION_COLUMNS,
    Column("time", Kind.TIME, "sent at", "time of the submission for this round"),
    Column("file", Kind.TEXT, doc="its file"),
    Column("selected", Kind.BOOL, doc="whether it is the one that was selected for the round"),
    Column("staked", Kind.BOOL, doc="whether anything is staked or at risk: then a missing submission costs"),
    STAKE,
    AT_RISK,
    Column("closes", Kind.TIME, doc="when the round stops taking submissions"),
    Column("seconds_left", Kind.DURATION, "left", "until then; empty once it is closed"),
    Column("last_60", Kind.TEXT, "last 60 rounds", f"the newest first: {LEGEND}"),
    Column("sent", Kind.INT, "in time", "of the last 60 rounds those with an accepted submission"),
    Column("missed", Kind.INT, doc="of the last 60 rounds those without any"),
    Column("late", Kind.INT, doc="of the last 60 rounds those with a late one; known since the polls began"),
    Column("failed", Kind.INT, doc="of the last 60 rounds those with a failed one; known since the polls began"),
    Column("unknown", Kind.INT, doc="of the last 60 rounds those that nothing is known of, or of before the model"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


class BoardRow(NamedTuple):
    """A model on the board; None where unknown."""

    model: str
    round: int | None
    submitted: bool | None
    submission: str | None
    time: datetime | None
    file: str | None
    selected: bool | None
    staked: bool
    stake: Decimal | None
    at_risk: Decimal | None
    closes: datetime | None
    seconds_left: float | None
    last_60: str
    sent: int
    missed: int
    late: int
    failed: int
    unknown: int
    tournament: str


def submission_board(
    connection: sqlite3.Connection, tournament: Tournament, now: datetime, names: tuple[str, ...] = ()
) -> Table:
    """The account's models (or those of these names) in the open round: staked ones without an accepted submission
    first. The note says how many of those there are."""
    rows = board_rows(connection, tournament, now, names)
    lacking = [row.model for row in rows if row.staked and row.submitted is False]
    lacking_names = ", ".join(lacking)
    said = f"staked without an accepted submission for round {rows[0].round}: {lacking_names}" if lacking else ""
    return Table("submissions", BOARD_COLUMNS, rows, (said,) if said else ())


def board_rows(
    connection: sqlite3.Connection, tournament: Tournament, now: datetime, names: tuple[str, ...] = ()
) -> list[BoardRow]:
    """The rows of the board, the most urgent first."""
    keys = known_models(connection, tournament, Models(names, mine=True))
    target = submission_round(connection, tournament, now)
    present = submissions(connection, tournament, target, keys.values())
    figures = stake_figures(connection, tournament, staking_system(connection, tournament), keys.values(), now)
    files = newest_files(connection, tournament)
    past = [times for times in round_times(connection, tournament) if times.closes is not None and times.closes <= now]
    closes = None if target is None else target.closes
    rows = []
    for name, key in keys.items():
        money, file = figures[key], files.get(key)
        of_round = file is not None and target is not None and file.round == target.round
        record = submission_record(connection, tournament, key, past[:ROUNDS])
        counts = Counter(record)
        rows.append(
            BoardRow(
                model=name,
                round=None if target is None else target.round,
                submitted=is_submitted(present[key]),
                submission=present[key] and str(present[key]),
                time=file.time if file is not None and of_round else None,
                file=file.filename if file is not None and of_round else None,
                selected=file.selected if file is not None and of_round else None,
                staked=bool((money.stake or 0) > 0 or (money.at_risk or 0) > 0),
                stake=money.stake,
                at_risk=money.at_risk,
                closes=closes,
                seconds_left=(closes - now).total_seconds() if closes is not None and closes > now else None,
                last_60=strip(record),
                sent=counts[Submission.ACCEPTED],
                missed=counts[Submission.NONE],
                late=counts[Submission.LATE],
                failed=counts[Submission.FAILED],
                unknown=counts[None],
                tournament=tournament.label,
            )
        )
    return sorted(rows, key=lambda row: (not (row.staked and not row.submitted), bool(row.submitted), row.model))


def strip(record: Sequence[Submission | None]) -> str:
    """A letter a round."""
    return "".join(LETTERS[word] for word in record)


def board_facts(rows: Sequence[BoardRow]) -> Table | None:
    """The open round and how its submissions stand, in one row; None without models."""
    if not rows:
        return None
    counts = Counter(row.submission or "unknown" for row in rows)
    columns = [
        Column("round", Kind.INT),
        Column("seconds_left", Kind.DURATION, "closes in"),
        *(Column(word, Kind.INT) for word in (*map(str, Submission), "unknown")),
        Column("lacking", Kind.INT, "staked without"),
        Column("letters", Kind.TEXT, "last 60:"),
    ]
    lacking = sum(row.staked and row.submitted is False for row in rows)
    counted = [counts[column.name] or None for column in columns[2:-2]]
    return Table("board", tuple(columns), [(rows[0].round, rows[0].seconds_left, *counted, lacking or None, LEGEND)])
