"""The participants: models, their names, accounts, stakes and active rounds; the same for a seed whatever the date."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from numtui.demo import DEMO_ACCOUNT, DEMO_BURNING, DEMO_CLASSIC, DEMO_CRYPTO, DEMO_SIGNALS
from numtui.demo.market.factors import Base, Floats
from numtui.demo.market.terms import FIRST_ROUNDS
from numtui.model import Tournament

Ints = NDArray[np.int64]
POPULATION_STREAM, ACCOUNT_STREAM = 4, 5
TEAM_ACCOUNT = "numerai"
NEVER = 1_000_000  # stop round of a model that still submits
VETERANS = 2  # models of the demo account, and the first benchmark, that go back to the first round
RECENT_START = 970  # where its others and the newer benchmarks began: some 400 rounds of history
LATEST_START = 1_380

BENCHMARKS = {
    Tournament.CLASSIC: (
        "integration_test", "numerai_swmm", "nb_example_model", "nb_feat_neutral", "v5_lgbm_cyrusd", "v5_lgbm_teager2b",
        "v52_lgbm_ender20", "v52_lgbm_ender60", "v52_lgbm_jasper60", "v52_lgbm_ct_blend",
    ),
    Tournament.SIGNALS: ("signals_integration_test", "nb_signals_example"),
    Tournament.CRYPTO: ("crypto_integration_test",),
}  # fmt: skip
ADJECTIVES = (
    "amber", "brisk", "calm", "dusty", "eager", "fuzzy", "gilded", "hazy", "icy", "jolly", "keen", "lunar", "mellow",
    "nimble", "opal", "pale", "quiet", "rusty", "solar", "tidal", "urban", "vivid", "wary", "young", "zesty", "bold",
    "crisp", "deep", "early", "frosty",
)  # fmt: skip
NOUNS = (
    "badger", "falcon", "otter", "lynx", "heron", "viper", "bison", "crane", "dingo", "egret", "ferret", "gecko",
    "hound", "ibis", "jackal", "koala", "lemur", "mole", "newt", "orca", "panda", "quail", "raven", "stoat", "tapir",
    "urchin", "vole", "wombat", "yak", "zebra",
)  # fmt: skip
BASES = {
    Tournament.CLASSIC: (Base(0.0185, 0.0045, 0.0170, 0.68), Base(0.0012, 0.0028, 0.0088, 0.0)),
    Tournament.SIGNALS: (Base(0.0060, 0.0030, 0.0140, 0.35), Base(0.0006, 0.0020, 0.0130, 0.0)),
    Tournament.CRYPTO: (Base(0.0150, 0.0080, 0.0400, 0.50), Base(0.0010, 0.0030, 0.0220, 0.0)),
}
# Means of the demo account's models (corr, mmc), as multiples of the field's spread above its mean.
# Some lose, as in most accounts.
ACCOUNT_SKILL = (1.1, -2.2, 0.4, 0.6, -4.0, -1.6, 0.9)
STAKED_SHARE = {Tournament.CLASSIC: 0.307, Tournament.SIGNALS: 0.33, Tournament.CRYPTO: 0.4}
MEDIAN_STAKE = {Tournament.CLASSIC: 40.0, Tournament.SIGNALS: 90.0, Tournament.CRYPTO: 60.0}
FIELD = {Tournament.CLASSIC: 15_000, Tournament.SIGNALS: 2_000, Tournament.CRYPTO: 500}


def field_size(tournament: Tournament, models: int) -> int:
    """The number of models of a tournament when Classic has `models`."""
    return max(4, round(FIELD[tournament] * models / FIELD[Tournament.CLASSIC]))


def account_split(account_models: int) -> dict[Tournament, int]:
    """The number of the demo account's models in each tournament: most in Classic."""
    signals, crypto = round(account_models * 0.25), round(account_models * 0.16)
    counts = (account_models - signals - crypto, signals, crypto)
    return dict(zip(Tournament, counts, strict=True))


def _own_names(tournament: Tournament, count: int) -> list[str]:
    named = {Tournament.CLASSIC: DEMO_CLASSIC, Tournament.SIGNALS: DEMO_SIGNALS, Tournament.CRYPTO: DEMO_CRYPTO}
    names = named[tournament]
    return [names[i] if i < len(names) else f"demo_{tournament.label}_{i + 1:03d}" for i in range(count)]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model: its row in its tournament's arrays and what the API says of it."""

    tournament: Tournament
    row: int
    id: str
    name: str
    account: str
    team: bool
    mine: bool


class Population:
    """The models of one tournament, as arrays by row: first the demo account's, then Numerai's own, then the field."""

    def __init__(self, seed: int, tournament: Tournament, models: int, account_models: int) -> None:
        self.tournament = tournament
        self.own = account_split(account_models)[tournament]
        self.size = max(field_size(tournament, models), self.own + len(BENCHMARKS[tournament]) + 1)
        self.team_rows = range(self.own, self.own + len(BENCHMARKS[tournament]))
        self._rng = np.random.default_rng((seed, POPULATION_STREAM, int(tournament)))
        self._seed = seed
        self.start, self.stop = self._lives()
        self.stake_units = self._stakes()

    def _lives(self) -> tuple[Ints, Ints]:
        rng, first = self._rng, FIRST_ROUNDS[self.tournament]
        start = (first + (LATEST_START - first) * rng.beta(0.7, 1.6, self.size)).astype(np.int64)
        start[: self.team_rows.stop] = max(first, RECENT_START)
        start[: min(VETERANS, self.own)] = first
        start[self.team_rows.start] = first
        stop = np.full(self.size, NEVER, dtype=np.int64)
        gone = rng.random(self.size) < 0.08
        gone[: self.team_rows.stop] = False
        stop[gone] = start[gone] + rng.integers(40, 900, int(gone.sum()))
        return start, stop

    def _stakes(self) -> Ints:
        """Stakes in units of 0.0001 NMR; 0 for models without one."""
        rng = self._rng
        amounts = MEDIAN_STAKE[self.tournament] * np.exp(1.5 * rng.standard_normal(self.size))
        staked = rng.random(self.size) < STAKED_SHARE[self.tournament]
        staked[list(self.team_rows)] = False
        staked[: self.own] = True
        amounts[: self.own] = 20.0 + 15.0 * np.arange(self.own)
        return np.where(staked & (self.stop == NEVER), np.rint(amounts * 10_000), 0).astype(np.int64)

    @cached_property
    def stakes(self) -> Floats:
        """Stakes in NMR as floats, for sums over the field."""
        return self.stake_units / 10_000

    def stake(self, row: int) -> Decimal:
        """A model's stake before the tournament's ups and downs."""
        return Decimal(int(self.stake_units[row])).scaleb(-4)

    def means(self) -> dict[int, tuple[float, float]]:
        """Average scores (corr, mmc) of the rows whose skill is part of the story."""
        corr, mmc = BASES[self.tournament]
        out = {}
        for row, name in enumerate(self.names[: self.own]):
            skill = ACCOUNT_SKILL[row % len(ACCOUNT_SKILL)] if self.tournament is Tournament.CLASSIC else 0.7
            skill = -4.0 if name in DEMO_BURNING else abs(skill) if skill == -4.0 else skill
            out[row] = (corr.mean + corr.mean_spread * skill, mmc.mean + mmc.mean_spread * skill)
        return out

    @cached_property
    def names(self) -> list[str]:
        """Model names by row, unique within the tournament."""
        names = _own_names(self.tournament, self.own) + list(BENCHMARKS[self.tournament])
        pairs = [f"{adjective}_{noun}" for adjective in ADJECTIVES for noun in NOUNS]
        while len(names) < self.size:
            repeat = (len(names) - self.team_rows.stop) // len(pairs)
            suffix = f"_{repeat + 1}" if repeat else ""
            names.extend(pair + suffix for pair in pairs[: self.size - len(names)])
        return names

    @cached_property
    def ids(self) -> list[str]:
        """Model ids (UUIDs) by row."""
        rng = np.random.default_rng((self._seed, POPULATION_STREAM, int(self.tournament), 1))
        words = rng.integers(0, 2**63, (self.size, 2)).tolist()
        return [_uuid(high, low) for high, low in words]

    @cached_property
    def row_by_id(self) -> dict[str, int]:
        """Row of each model id."""
        return {model_id: row for row, model_id in enumerate(self.ids)}

    @cached_property
    def row_by_name(self) -> dict[str, int]:
        """Row of each model name."""
        return {name: row for row, name in enumerate(self.names)}

    @cached_property
    def account_index(self) -> Ints:
        """Number of the owning account by row: 0 the demo account, 1 Numerai's own, then the users'.

        About four models an account; account numbers are shared by the tournaments.
        """
        rng = np.random.default_rng((self._seed, ACCOUNT_STREAM, int(self.tournament)))
        accounts = max(1, round(self.size / 2.5))
        owner = 2 + (accounts * rng.random(self.size) ** 2).astype(np.int64)
        owner[: self.own] = 0
        owner[list(self.team_rows)] = 1
        return owner

    @cached_property
    def accounts(self) -> list[str]:
        """Account names by row."""
        names: dict[int, str] = {}
        return [names.setdefault(number, account_name(number)) for number in self.account_index.tolist()]

    def info(self, row: int) -> ModelInfo:
        """Everything about one model."""
        return ModelInfo(
            tournament=self.tournament,
            row=row,
            id=self.ids[row],
            name=self.names[row],
            account=self.accounts[row],
            team=row in self.team_rows,
            mine=row < self.own,
        )


def _uuid(high: int, low: int) -> str:
    text = f"{high:016x}{low:016x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def account_name(number: int) -> str:
    """Name of the account of that number."""
    if number < 2:
        return (DEMO_ACCOUNT, TEAM_ACCOUNT)[number]
    repeat, pair = divmod(number - 2, len(ADJECTIVES) * len(NOUNS))
    name = ADJECTIVES[pair // len(NOUNS)] + NOUNS[pair % len(NOUNS)]
    return f"{name}{repeat + 1}" if repeat else name


def account_id(name: str) -> str:
    """A stable UUID of an account name."""
    value = int.from_bytes(name.encode()[-15:].rjust(15, b"\1"), "big")
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
