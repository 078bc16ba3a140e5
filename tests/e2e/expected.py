"""What an export must say, worked out from the other server's market."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from .other_answers import Answers
from .other_market import Json, Market, Model, Round, Tournament

ScoreKey = tuple[str, int, str, str, int]  # model, round, score as written, version, day
ScoreValue = tuple[float, float | None]

REPUTATIONS = {
    8: {
        "corr60": "corr60Rep",
        "mmc60": "mmc60Rep",
        "v2_corr20": "corr20V2Rep",
        "mmc": "mmcRep",
        "corr20": "corr20Rep",
        "bmc": "bmcRep",
        "fnc_v3": "fncV3Rep",
        "tc": "tcRep",
    },
    11: {"alpha": "alphaRep", "mpc": "mpcRep", "mmc": "mmcRep", "fnc_v4": "fncV4Rep", "ic": "icRep"},
    12: {"corr": "corrRep", "mmc": "mmcRep"},
}


def scores(
    of: Tournament,
    models: Iterable[Model],
    *,
    chosen: Callable[[Round], bool] = lambda _: True,
    latest: bool = False,
) -> dict[ScoreKey, ScoreValue]:
    """Every score of these models and rounds; a name with two versions among them is written name@version."""
    points = [
        (model.name, each, point)
        for model in models
        for each in of.rounds.values()
        if chosen(each)
        for point in of.points(model, each)
        if not latest or point.day == each.done
    ]
    versions: dict[str, set[str]] = defaultdict(set)
    for _, _, point in points:
        versions[point.score.name].add(point.score.version)
    written: dict[ScoreKey, ScoreValue] = {}
    for name, each, point in points:
        score = point.score
        label = f"{score.name}@{score.version}" if len(versions[score.name]) > 1 else score.name
        written[name, each.number, label, score.version, point.day] = (point.value, point.percentile)
    return written


def read_scores(rows: Sequence[dict[str, str]]) -> dict[ScoreKey, ScoreValue]:
    """The same of a CSV export; each row must be there once."""
    found: dict[ScoreKey, ScoreValue] = {}
    for row in rows:
        key = (row["model"], int(row["round"]), row["score"], row["version"], int(row["day"]))
        assert key not in found, key
        found[key] = (float(row["value"]), float(row["percentile"]) if row["percentile"] else None)
    return found


def at_risk(of: Tournament, model: Model) -> Decimal:
    """NMR at risk in the unresolved rounds."""
    amounts = [of.at_risk(model, each) for each in of.rounds.values() if not each.resolved]
    return sum(amounts, Decimal(0))


def money_of_round(of: Tournament, models: Sequence[Model], each: Round) -> tuple[Decimal, Decimal, Decimal]:
    """(at risk, pending, settled) of the models in the round."""
    risk = sum((of.at_risk(model, each) for model in models), Decimal(0))
    payout = sum((part for model in models for part in of.payouts(model, each).values()), Decimal(0))
    return (risk, Decimal(0), payout) if each.resolved else (risk, payout, Decimal(0))


def entries(answers: Answers, market: Market, number: int) -> dict[str, Json]:
    """The models' leaderboard by name."""
    return {row["username"]: row for row in answers.board(number)}


def decimal_or_none(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def number_or_none(text: str) -> float | None:
    return float(text) if text else None
