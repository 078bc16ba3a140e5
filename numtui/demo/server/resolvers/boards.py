"""The leaderboards of models, accounts and seasons."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import numpy as np

from numtui.demo.market.boards import QUARTER_OF_RUNS, YEAR_OF_RUNS, Board, changes, rank
from numtui.demo.market.factors import Floats
from numtui.demo.market.ledger import ATOM
from numtui.demo.market.population import account_id, account_name
from numtui.demo.market.projection import Columns
from numtui.demo.server.engine import ApiError, Arguments
from numtui.demo.server.resolvers.session import Session, SessionResolver
from numtui.demo.server.wire import money
from numtui.model import Tournament

# Leaderboard fields by displayName; fields of scores that the tournament no longer has are null.
MODEL_SCORES = {
    Tournament.CLASSIC: {
        "corr20V2Rep": "v2_corr20", "corr60Rep": "corr60", "mmcRep": "mmc", "mmc60Rep": "mmc60", "bmcRep": "bmc",
        "tcRep": "tc", "fncV3Rep": "fnc_v3", "canonCorrLtm": "canon_corr", "canonMmcLtm": "canon_mmc",
    },
    Tournament.SIGNALS: {
        "alphaRep": "alpha", "mpcRep": "mpc", "corrV4Rep": "corr_v4", "fncV4Rep": "fnc_v4", "mmcRep": "mmc",
        "mmc": "mmc", "icV2Rep": "ic_v2", "tcRep": "tc",
    },
    Tournament.CRYPTO: {"corrRep": "corr", "mmcRep": "mmc"},
}  # fmt: skip
ACCOUNT_SCORES = {
    "corr": "corr", "corr60": "corr60", "v2Corr20": "v2_corr20", "corrV4": "corr_v4", "mmc": "mmc", "mmc60": "mmc60",
    "bmc": "bmc", "tc": "tc", "fncV3": "fnc_v3", "fncV4": "fnc_v4", "icV2": "ic_v2", "alpha": "alpha", "mpc": "mpc",
}  # fmt: skip
DEFAULT_ACCOUNT_LIMIT = 500


def cells(values: Floats) -> list[float | None]:
    """Floats as JSON cells, null for NaN."""
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124 -- NaN alone differs from itself


def ranks(values: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[int | None]:
    """Ranks as cells, null for the unranked."""
    return [value or None for value in values.tolist()]


def model_columns(board: Board, tournament: Tournament) -> dict[str, object]:
    """Every field of a tournament's model leaderboard, by row of the population."""
    population = board.population

    def returns(runs: int) -> Callable[[], object]:
        return lambda: cells(board.returns(runs))

    def reputation(display: str) -> Callable[[], object]:
        return lambda: cells(board.reputation(display))

    fields: dict[str, object] = {
        "id": lambda: population.ids,
        "username": lambda: population.names,
        "rank": lambda: ranks(board.ranks()),
        "storedRank": lambda: ranks(board.ranks()),
        "prevRank": lambda: ranks(board.ranks(1)),
        "rankChange1d": lambda: board.rank_change(1),
        "rankChange3m": lambda: board.rank_change(QUARTER_OF_RUNS),
        "rankChange1y": lambda: board.rank_change(YEAR_OF_RUNS),
        "nmrStaked": lambda: [money(amount) for amount in board.staked],
        "nmrStakedRank": lambda: ranks(rank(np.where(board.staked_floats > 0, board.staked_floats, np.nan))),
        "team": lambda: [row in population.team_rows for row in range(population.size)],
        "isActive": board.active.tolist,
        "return_1_day": returns(1),
        "return_13_weeks": returns(QUARTER_OF_RUNS),
        "return_52_weeks": returns(YEAR_OF_RUNS),
        "today": returns(1),
    }
    fields.update({name: reputation(display) for name, display in MODEL_SCORES[tournament].items()})
    if tournament is Tournament.SIGNALS:
        fields["mmcRank"] = lambda: ranks(board.ranks(display="mmc"))
    return fields


def page(fields: dict[str, object], size: int, arguments: Arguments, limit: int | None = None) -> Columns:
    """Rows of a leaderboard: by rank or `orderBy`, names that contain `filterBy`, then offset and limit."""
    made: dict[str, list[object]] = {}

    def column(name: str) -> list[object]:
        if name not in made:
            cell = fields[name]
            values = cell() if callable(cell) else cell
            assert isinstance(values, list)
            made[name] = values
        return made[name]

    order_by = _field(arguments.get("orderBy") or "rank", fields)
    descending = (arguments.get("direction") or "asc").lower() == "desc"
    keys = column(order_by)
    order = [row for row in range(size) if keys[row] is not None]
    order.sort(key=lambda row: _sortable(keys[row]), reverse=descending)
    order += [row for row in range(size) if keys[row] is None]
    part = arguments.get("filterBy")
    if part:
        names = column("username")
        order = [row for row in order if part.lower() in str(names[row])]
    offset = arguments.get("offset") or 0
    limit = arguments.get("limit", limit)
    order = order[offset:] if limit is None else order[offset : offset + limit]

    def picked(name: str) -> Callable[[], object]:
        return lambda: list(map(column(name).__getitem__, order))

    return Columns(len(order), {name: picked(name) for name in fields})


def _field(name: str, fields: dict[str, object]) -> str:
    plain = name.replace("_", "").lower()
    match = next((field for field in fields if field.replace("_", "").lower() == plain), None)
    if match is None:
        raise ApiError(f"Cannot order by {name!r}")
    return match


def _sortable(value: object) -> float | str:
    if isinstance(value, int | float):
        return value
    text = str(value)
    return float(text) if text[:1].isdigit() else text


def _model_board(tournament: Tournament) -> SessionResolver:
    def resolve(session: Session, arguments: Arguments) -> object:
        board = session.boards.of(tournament)
        return page(model_columns(board, tournament), board.population.size, arguments)

    return resolve


class _Accounts:
    """A tournament's models gathered by account."""

    def __init__(self, board: Board) -> None:
        self._board = board
        owners = board.population.account_index
        self.numbers, self.of_row = np.unique(owners, return_inverse=True)
        self.size = len(self.numbers)

    def mean(self, values: Floats) -> Floats:
        """The mean of the account's models that have a value."""
        known = ~np.isnan(values)
        total = np.bincount(self.of_row[known], weights=values[known], minlength=self.size)
        count = np.bincount(self.of_row[known], minlength=self.size)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.round(total / count, 8)

    def gained(self, runs: int | None) -> Floats:
        """NMR won or lost in a period."""
        gains = np.nan_to_num(self._board.returns(runs)) * self._board.staked_floats
        total: Floats = np.bincount(self.of_row, weights=gains, minlength=self.size).astype(np.float64)
        return total

    def staked(self) -> Floats:
        """NMR at stake."""
        total: Floats = np.bincount(self.of_row, weights=self._board.staked_floats, minlength=self.size).astype(
            np.float64
        )
        return total

    def exactly_staked(self) -> list[Decimal]:
        """The same, as exact sums."""
        totals = [Decimal("0E-18")] * self.size
        for account, amount in zip(self.of_row.tolist(), self._board.staked, strict=True):
            if amount:
                totals[account] += amount
        return totals

    def returned(self, runs: int | None) -> Floats:
        """Gain over stake; NaN without a stake."""
        staked = self.staked()
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.round(self.gained(runs) / np.where(staked > 0, staked, np.nan), 8)

    def ranking(self, ago: int = 0) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Rank by the mean of the models' payout reputation."""
        places = self._board.ranks(ago).astype(float)
        places[places == 0] = np.nan
        return rank(-self.mean(places))

    def columns(self) -> dict[str, object]:
        """Every field of AccountLeaderboardEntry."""
        names = [account_name(number) for number in self.numbers.tolist()]
        board = self._board

        def nmr(runs: int | None) -> Callable[[], object]:
            return lambda: [f"{value:.18f}" for value in self.gained(runs).tolist()]

        def returned(runs: int | None) -> Callable[[], object]:
            return lambda: cells(self.returned(runs))

        def reputation(display: str) -> Callable[[], object]:
            return lambda: cells(self.mean(board.reputation(display)))

        def moved(ago: int) -> Callable[[], object]:
            return lambda: changes(self.ranking(), self.ranking(ago))

        fields: dict[str, object] = {
            "id": [account_id(name) for name in names],
            "username": names,
            "displayName": names,
            "rank": lambda: ranks(self.ranking()),
            "storedRank": lambda: ranks(self.ranking()),
            "rankChange1d": moved(1),
            "rankChange3m": moved(QUARTER_OF_RUNS),
            "rankChange1y": moved(YEAR_OF_RUNS),
            "nmrStaked": lambda: [money(amount.quantize(ATOM)) for amount in self.exactly_staked()],
            "team": [number == 1 for number in self.numbers.tolist()],
            "title": [None] * self.size,
            "return3m": returned(QUARTER_OF_RUNS),
            "return1y": returned(YEAR_OF_RUNS),
            "returnAllTime": returned(None),
            "return3mNmr": nmr(QUARTER_OF_RUNS),
            "return1yNmr": nmr(YEAR_OF_RUNS),
            "returnAllTimeNmr": nmr(None),
        }
        fields.update({name: reputation(display) for name, display in ACCOUNT_SCORES.items()})
        return fields


def account_leaderboard(session: Session, arguments: Arguments) -> object:
    """Accounts by rank, 500 unless a limit is given."""
    accounts = _Accounts(session.boards.of(session.tournament(arguments.get("tournament"))))
    return page(accounts.columns(), accounts.size, arguments, DEFAULT_ACCOUNT_LIMIT)


TIERS = (("Grandmaster", 10), ("Master", 40), ("Contender", 150))


def season_leaderboard(session: Session, arguments: Arguments) -> object:
    """Accounts in tiers by their mean score; one season a year, and only the present one is kept."""
    year = arguments["seasonYear"]
    accounts = _Accounts(session.boards.of(session.tournament(arguments["tournament"])))
    if year != session.now.year:
        return []
    places = accounts.ranking()
    columns = accounts.columns()
    names = columns["username"]
    assert isinstance(names, list)
    order = np.flatnonzero(places)[np.argsort(places[places > 0])].tolist()
    tiers: list[dict[str, object]] = []
    start = 0
    for number, (title, size) in enumerate(TIERS, 1):
        if arguments.get("tierNumber__lte") is not None and number > arguments["tierNumber__lte"]:
            break
        members = [
            {
                "accountUsername": names[row],
                "accountDisplayName": names[row],
                "accountSeasonScore": round(1000 / int(places[row]), 4),
                "accountSeasonScoreRank": float(places[row]),
                "accountTitle": title,
                "excludeFromSeason": False,
            }
            for row in order[start : start + size]
        ]
        tiers.append(
            {"tierNumber": number, "tierName": title, "tierDescription": f"{size} accounts", "leaderboard": members}
        )
        start += size
    return [{"seasonYear": year, "tiers": tiers}]


RESOLVERS: dict[str, SessionResolver] = {
    "v2Leaderboard": _model_board(Tournament.CLASSIC),
    "signalsLeaderboard": _model_board(Tournament.SIGNALS),
    "cryptosignalsLeaderboard": _model_board(Tournament.CRYPTO),
    "accountLeaderboard": account_leaderboard,
    "seasonLeaderboard": season_leaderboard,
}
