"""Public profiles of models and accounts, and one model's daily reputations and ranks."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import numpy as np

from numtui.demo.market import calendar
from numtui.demo.market.boards import QUARTER_OF_RUNS, YEAR_OF_RUNS, Board
from numtui.demo.market.ledger import ZERO
from numtui.demo.market.population import ModelInfo, account_id
from numtui.demo.market.projection import Columns, Const
from numtui.demo.server.engine import ApiError, Arguments
from numtui.demo.server.resolvers.scores import ScoreTable, where
from numtui.demo.server.resolvers.session import Session, SessionResolver
from numtui.demo.server.wire import money, money_with_commas, time_string
from numtui.model import Tournament

# displayName behind the fields of Scores, and of reputations as ModelProfile spells them.
SCORE_FIELDS = {
    "corr": "corr", "corr60": "corr60", "corr20V2": "v2_corr20", "corrV4": "corr_v4", "mmc": "mmc", "mmc60": "mmc60",
    "bmc": "bmc", "tc": "tc", "fncV3": "fnc_v3", "fncV4": "fnc_v4", "icV2": "ic_v2", "alpha": "alpha", "mpc": "mpc",
}  # fmt: skip
DAILY_FIELDS = {
    "corr": "v2_corr20",
    "corr60": "corr60",
    "mmc": "mmc",
    "fncV3": "fnc_v3",
    "tc": "tc",
    "alpha": "alpha",
    "mpc": "mpc",
}
DAILY_STEP, DAILY_POINTS = 5, 26  # a point a week for half a year


def start_date(session: Session, model: ModelInfo) -> str | None:
    """The time at which a model's first round opened."""
    arena = session.market.arena(model.tournament)
    return time_string(arena.times(int(arena.population.start[model.row])).open)


def _value(values: object, row: int) -> float | None:
    number = float(np.asarray(values)[row])
    return None if np.isnan(number) else number


def returns_object(board: Board, rows: list[int]) -> dict[str, object]:
    """Returns of some models together, on their stakes."""
    staked = board.staked_floats[rows]

    def gain(runs: int | None) -> float:
        return float((np.nan_to_num(board.returns(runs)[rows]) * staked).sum())

    def share(runs: int | None) -> Callable[[], float | None]:
        return lambda: round(gain(runs) / float(staked.sum()), 8) if staked.sum() > 0 else None

    periods: dict[str, int | None] = {
        "oneDay": 1, "threeMonths": QUARTER_OF_RUNS, "oneYear": YEAR_OF_RUNS, "allTime": None,
    }  # fmt: skip
    out: dict[str, object] = {name: share(runs) for name, runs in periods.items()}
    out.update({f"{name}Nmr": (lambda runs=runs: f"{gain(runs):.18f}") for name, runs in periods.items()})
    return out


def stake_value(session: Session, model: ModelInfo) -> Decimal | None:
    """A model's stake with the pending payouts of its unresolved rounds; None without a stake."""
    stake = session.market.ledger.stake(model)
    if not stake:
        return None
    pending = (p.payout() for p in session.market.ledger.positions(model)[-90:] if not p.resolved)
    return stake + sum((amount for amount in pending if amount is not None), ZERO)


def stake_values(session: Session, model: ModelInfo) -> list[dict[str, object]]:
    """The NMR that a model had at risk on each of the last 60 rounds, times the rounds that share a stake."""
    arena = session.market.arena(model.tournament)
    out: list[dict[str, object]] = []
    before = ZERO
    for position in session.market.ledger.positions(model)[-60:]:
        value = position.at_risk * arena.shares(position.number)
        time = time_string(arena.times(position.number).close)
        out.append({"time": time, "value": money(value), "delta": money(value - before)})
        before = value
    return out


def _daily(session: Session, model: ModelInfo) -> Columns:
    board = session.boards.of(model.tournament)
    agos = [DAILY_STEP * i for i in range(DAILY_POINTS)]
    dates = [time_string(calendar.scored_at(board.run - ago)) for ago in agos]
    fields: dict[str, object] = {"date": dates}

    def reps(display: str) -> Callable[[], object]:
        return lambda: [_value(board.reputation(display, ago), model.row) for ago in agos]

    def places(display: str) -> Callable[[], object]:
        return lambda: [int(board.ranks(ago, display)[model.row]) or None for ago in agos]

    names = dict(DAILY_FIELDS)
    if model.tournament is Tournament.CRYPTO:
        names["corr"] = "corr"
    for name, display in names.items():
        fields[f"{name}Rep"] = reps(display)
        fields[f"{name}Rank"] = places(display)
    fields["return_13_weeks"] = Const(_value(board.returns(QUARTER_OF_RUNS), model.row))
    fields["return_52_weeks"] = Const(_value(board.returns(YEAR_OF_RUNS), model.row))
    return Columns(len(agos), fields)


def _latest_scores(session: Session, model: ModelInfo) -> Columns:
    newest = session.market.newest(session.now)
    table = ScoreTable(
        session, model, range(max(newest - 70, session.market.arena(model.tournament).first), newest + 1)
    )
    return where(table.columns(), table.newest)


def model_profile(session: Session, model: ModelInfo) -> dict[str, object]:
    """A V3UserProfile."""
    board = session.boards.of(model.tournament)
    stake = session.market.ledger.stake(model)

    def reps() -> dict[str, object]:
        return {name: _value(board.reputation(display), model.row) for name, display in SCORE_FIELDS.items()}

    def places() -> dict[str, object]:
        return {name: float(board.ranks(0, display)[model.row]) or None for name, display in SCORE_FIELDS.items()}

    return {
        "id": model.id,
        "username": model.name,
        "accountName": model.account,
        "bio": "A simulated model.",
        "startDate": start_date(session, model),
        "team": model.team,
        "isActive": bool(board.active[model.row]),
        "tournament": int(model.tournament),
        "nmrStaked": money(stake) if stake else None,
        "stakeValue": lambda: _stake_text(session, model),
        "stakeValues": lambda: stake_values(session, model),
        "control": 1.0,
        "latestRanks": places,
        "latestReps": reps,
        "latestReturns": lambda: returns_object(board, [model.row]),
        "latestSubmissionScores": lambda: _latest_scores(session, model),
        "dailyModelPerformances": lambda: _daily(session, model),
    }


def _stake_text(session: Session, model: ModelInfo) -> str | None:
    value = stake_value(session, model)
    return None if value is None else money_with_commas(value)


def _named(session: Session, tournament: Tournament, name: str) -> ModelInfo:
    try:
        return session.market.model(tournament, name)
    except KeyError:
        raise ApiError("User not found") from None


def user_profile(session: Session, arguments: Arguments) -> object:
    """A model's profile by name and tournament."""
    tournament = session.tournament(arguments.get("tournament"))
    return model_profile(session, _named(session, tournament, arguments["modelName"]))


def signals_profile(session: Session, arguments: Arguments) -> object:
    """The same, Signals unless said."""
    tournament = session.tournament(arguments.get("tournament"), Tournament.SIGNALS)
    return model_profile(session, _named(session, tournament, arguments["modelName"]))


def account_profile(session: Session, arguments: Arguments) -> object:
    """An account with its models in a tournament."""
    tournament = session.tournament(arguments.get("tournament"))
    board = session.boards.of(tournament)
    username = arguments["username"]
    rows = [row for row, name in enumerate(board.population.accounts) if name == username]
    if not rows:
        raise ApiError("User not found")
    models = [board.population.info(row) for row in rows]
    return {
        "id": account_id(username),
        "username": username,
        "displayName": username,
        "bio": "A simulated account.",
        "team": models[0].team,
        "isActive": bool(board.active[rows].any()),
        "startDate": min(filter(None, (start_date(session, model) for model in models))),
        "tournament": int(tournament),
        "totalStake": lambda: money(sum((board.staked[row] for row in rows), ZERO)),
        "models": lambda: [_profile_entry(session, board, model) for model in models],
        "returns": lambda: returns_object(board, rows),
    }


def _profile_entry(session: Session, board: Board, model: ModelInfo) -> dict[str, object]:
    def rep(display: str) -> Callable[[], object]:
        return lambda: _value(board.reputation(display), model.row)

    entry: dict[str, object] = {
        "id": model.id,
        "displayName": model.name,
        "username": model.account,
        "accountId": account_id(model.account),
        "tournament": int(model.tournament),
        "startDate": start_date(session, model),
        "stake": money(board.staked[model.row]),
        "return1y": lambda: _value(board.returns(YEAR_OF_RUNS), model.row),
    }
    entry.update({f"{name}Rep": rep(display) for name, display in SCORE_FIELDS.items()})
    entry["corr20V2Rep"] = rep("v2_corr20")
    return entry


def user_scores(session: Session, arguments: Arguments) -> object:
    """A model's reputation and ranks in each score, a point a week for half a year."""
    model = session.any_model(arguments["modelId"])
    board = session.boards.of(model.tournament)
    staked = board.staked_floats > 0
    out = []
    for spec in session.market.terms(model.tournament, session.market.newest(session.now)).scores:
        for ago in range(0, DAILY_STEP * DAILY_POINTS, DAILY_STEP):
            place = int(board.ranks(ago, spec.display)[model.row])
            ahead = board.ranks(ago, spec.display)
            rank_staked = int((staked & (ahead > 0) & (ahead <= place)).sum()) if place and staked[model.row] else None
            out.append(
                {
                    "date": time_string(calendar.scored_at(board.run - ago)),
                    "displayName": spec.display,
                    "rank": place or None,
                    "stakedRank": rank_staked,
                    "reputation": _value(board.reputation(spec.display, ago), model.row),
                }
            )
    return out


RESOLVERS: dict[str, SessionResolver] = {
    "v3UserProfile": user_profile,
    "v2SignalsProfile": signals_profile,
    "accountProfile": account_profile,
    "userScores": user_scores,
}
