"""The views of a model's page: how each is read, beside the summary."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

from numtui.model import Column, Kind, Row, Table
from numtui.reports.missing_days import with_missing_days
from numtui.reports.row_source import TableRows
from numtui.reports.stake.claims import claims
from numtui.reports.stake.history import HISTORY_COLUMNS, history_table
from numtui.reports.stake.payouts import payouts
from numtui.reports.stake.table import stakes
from numtui.store.queries.selection import Models, known_models
from numtui.tui.data import ReadRequest
from numtui.tui.models.views import newest_note_on
from numtui.tui.screens.view import ViewData, ViewSpec
from numtui.tui.table.layout import Layout

TABLES = frozenset(
    {
        *{"models", "stakes", "leaderboard", "submissions", "submission_history", "latest", "positions", "rounds"},
        *{"score_configs", "pipeline", "score_paths", "score_dates", "multipliers", "forecasts", "claims", "notes"},
    }
)
MONEY = frozenset({"payouts", "prices", "transactions", "wallet", "stakes", "claims", "models", "latest", "positions"})
AMOUNTS = ("pending", "settled", "payout", "expected_payout", "fiat", "payout_value")
ROUNDS = Layout(
    fixed=("round",),
    first=(
        *("progress", "status", "at_risk", "value", "expected", "p05", "p95", "burn_probability", "pending", "settled"),
        *("expected_payout", "change", "path", "days_to_go", "resolve_time"),
    ),
    results=AMOUNTS,
)
SCORES = Layout(fixed=("round",), hidden=("resolved",))
RISK = Layout(
    fixed=("window",),
    first=(
        *("rounds", "mean", "mean_p05", "mean_p95", "sharpe", "sharpe_p05", "sharpe_p95", "max_drawdown"),
        *("drawdown_rounds", "recovery_rounds", "cvar_5", "worst_20", "burn_rate", "longest_burn", "earn_burn"),
        *("effective_rounds", "std", "sortino", "skew", "excess_kurtosis", "autocorr_1"),
    ),
)
FIELD = Layout(fixed=("round",), first=("percentile", "value", "burn_round"))
FIELD_TABLES = frozenset({"models", "field_rounds"})
NO_FIELD = """No round with everybody in it is here that has this model. They are large, and fetched when asked for.
In your shell:

    numtui export field --rounds 1300.. -o field.csv"""
PAYOUTS = Layout(
    fixed=("round",),
    first=("payout", "settled", "date", "fiat", "price", "source"),
    hidden=("model", "tournament", "fiat_currency", "currency"),
    results=AMOUNTS,
)
STAKE = Layout(
    fixed=("time",),
    first=("source", "type", "amount", "round", "due", "status", "note"),
    hidden=("model", "tournament"),
)
EARLIEST = datetime.min.replace(tzinfo=UTC)
NOT_HERE = "There are no rounds of {} here.\n\nHistories are fetched for own and watched models: f watches it."


def page_views(model: str) -> tuple[ViewSpec, ...]:
    """Rounds, scores, risk, field, payouts and stake of a model."""
    return (
        ViewSpec("rounds", ROUNDS, partial(_rounds, model), TABLES, NOT_HERE.format(model), opens=True),
        ViewSpec("scores", SCORES, partial(_scores, model), TABLES, NOT_HERE.format(model), opens=True),
        ViewSpec("risk", RISK, partial(_risk, model), TABLES, f"No round of {model} is resolved here."),
        ViewSpec("field", FIELD, partial(_field, model), FIELD_TABLES, NO_FIELD, opens=True),
        ViewSpec(
            "payouts",
            PAYOUTS,
            partial(_payouts, model),
            MONEY,
            "The API lists payouts of the account's own models only; what rounds settled stands in the view rounds.",
            opens=True,
        ),
        ViewSpec("stake", STAKE, partial(_stake, model), MONEY, f"No change of the stake of {model} is known here."),
    )


def _rounds(model: str, connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """Status, forecast, money and scores of each round."""
    from numtui.reports.page.rounds import rounds_with_forecasts  # numpy: in the thread

    table = rounds_with_forecasts(connection, request.tournament, model, request.now)
    facts = with_missing_days(connection, request.tournament, None, Models(names=(model,)), None)
    return ViewData(TableRows(table, "round"), facts or newest_note_on(request, model))


def _scores(model: str, connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The history of scores with notes and epochs."""
    from numtui.reports.page.scores import score_history  # numpy: in the thread

    key = known_models(connection, request.tournament, Models(names=(model,))).get(model)
    table = score_history(connection, request.tournament, key, _notes_by_round(request, model))
    return ViewData(TableRows(table, "round"))


def _risk(model: str, connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """Risk figures by window."""
    from numtui.reports.epochs import first_rounds, noted_rounds  # another file: not for the first frame
    from numtui.reports.page.risk import model_risk  # numpy: in the thread
    from numtui.tui.models.page_plots import risk_plots

    which = (request.settings, request.tournament)
    table, series = model_risk(connection, request.tournament, model, first_rounds(*which), noted_rounds(*which))
    return ViewData(TableRows(table, "window"), plots=() if series is None else risk_plots(series))


def _field(model: str, connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """Where it stood among everybody, by round, and the figures of all these rounds above."""
    from numtui.reports.field.page import field_page  # numpy: in the thread
    from numtui.tui.models.page_plots import field_plots

    table, facts = field_page(connection, request.tournament, model)
    return ViewData(TableRows(table, "round"), facts, plots=field_plots(table))


def _notes_by_round(request: ReadRequest, model: str) -> Mapping[int, str]:
    from numtui.reports.notes.notes import notes_on  # another file than the cache: not for the first frame
    from numtui.store.notes.notes import Notes

    return notes_on(Notes.of(request.settings).contents(), request.tournament, model)


def _payouts(model: str, connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """What rounds paid, with prices."""
    table = payouts(connection, request.tournament, (model,), request.settings.fiat)
    return ViewData(TableRows(table, "round"))


def _stake(model: str, connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """Claims that are open, then changes, releases and what was asked for from here, the newest first."""
    from numtui.stake.errors import JournalFailed  # another file than the cache: not for the first frame
    from numtui.stake.journal.journal import every_journal

    label = request.tournament.label
    rows = list(history_table(connection, request.tournament, model).rows)
    try:
        entries = every_journal(request.settings.state_dir)
    except JournalFailed as error:
        raise OSError(str(error)) from error
    for entry in entries:
        if entry.model.casefold() == model.casefold() and entry.tournament is request.tournament:
            row: Row = (entry.time, "journal", entry.action, model, None, entry.requested, None)
            rows.append((*row, str(entry.outcome), entry.note, label))
    rows.sort(key=_time, reverse=True)
    open_claims = [
        (None, "claim", "claimable", model, claim.round, claim.claimable, claim.deadline, None, None, label)
        for claim in claims(connection, request.tournament).rows
        if claim.model == model
    ]
    keyed = [(*row, str(place)) for place, row in enumerate([*open_claims, *rows])]
    table = Table("stake", (*HISTORY_COLUMNS, Column("entry", Kind.KEY)), keyed)
    return ViewData(TableRows(table, "entry"), _facts(model, connection, request))


def _time(row: Row) -> datetime:
    return row[0] if isinstance(row[0], datetime) else EARLIEST


def _facts(model: str, connection: sqlite3.Connection, request: ReadRequest) -> Table | None:
    """The model's row of the table of stakes; None for models of others."""
    table = stakes(connection, request.tournament, request.now, Models(names=(model,)))
    kept = [
        place for place, column in enumerate(table.columns) if column.name not in {"model", "tournament", "submitted"}
    ]
    rows = [tuple(row[place] for place in kept) for row in table.rows]
    return Table("stake", tuple(table.columns[place] for place in kept), rows) if rows else None
