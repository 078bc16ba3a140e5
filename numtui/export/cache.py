"""The cache as notebooks and commands read it: a method a table, with the options of `numtui export` as keywords."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, Unpack

from numtui import config
from numtui.clock import Clock, clock_from_env
from numtui.config import Settings
from numtui.errors import NO_DATA, NumtuiError
from numtui.export.options import (
    AllocationOptions,
    BacktestOptions,
    Ends,
    ModelOptions,
    OptionError,
    RankedOptions,
    RiskOptions,
    RoundOptions,
    allocation_query,
    allowed,
    ends_of,
    model_names,
    number_text,
    refuse_both,
    tournament_of,
)
from numtui.export.tables import TABLES, ReportContext
from numtui.model import Table, Tournament
from numtui.reports.backtest.query import ACTUAL, ALL_ROUNDS, AllocationQuery, BacktestQuery
from numtui.reports.overview import PARTS
from numtui.store.database import open_reader, read_transaction
from numtui.store.queries.scores.missing_days import MissingDays, missing_days
from numtui.store.queries.selection import Models, Window, known_models


class NotCached(NumtuiError, LookupError):  # noqa: N818  like the errors of the store
    """Models, or days of rounds, that were asked for and that the cache does not have."""

    exit_code = NO_DATA


class Cache:
    """The tables of a cache, read-only: nothing is ever fetched.

    Each method reads at one moment and returns the Table that `numtui export` writes, whose `to_pandas()` is a
    DataFrame. OptionError for options that mean nothing, NotCached for models that are not here, StoreErrors; all of
    them are NumtuiErrors. Use it in the thread that opened it, and close it, or use it in a `with`.
    """

    def __init__(self, settings: Settings, connection: sqlite3.Connection, clock: Clock) -> None:
        self.settings = settings
        self.connection = connection
        self.clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    def overview(self, part: str = PARTS[0]) -> Table:
        """A table of the account over all tournaments: money, needs, models, days or latest."""
        if part not in PARTS:
            raise OptionError(f"part: {part!r} is none of {', '.join(PARTS)}")
        return self._read("overview", replace(self.context(), part=part))

    def leaderboard(self, *, tournament: str | Tournament | None = None) -> Table:
        """Models by rank, a column a score."""
        return self._read("leaderboard", self.context(tournament=tournament))

    def accounts(self, *, tournament: str | Tournament | None = None) -> Table:
        """Accounts by rank, a column a score."""
        return self._read("accounts", self.context(tournament=tournament))

    def models(self, **options: Unpack[ModelOptions]) -> Table:
        """Stake, money at risk, submission and newest scores of models."""
        return self._read("models", self.context(**allowed("models", options, ModelOptions)))

    def rounds(self, **options: Unpack[RoundOptions]) -> Table:
        """Times, status, scoring days, payout factor and money at risk of rounds."""
        return self._read("rounds", self.context(**allowed("rounds", options, RoundOptions)))

    def scores(self, *, latest: bool = False, **options: Unpack[RoundOptions]) -> Table:
        """Every scoring day's value and percentile; `latest`: only the newest day of each score."""
        return self._read("scores", self.context(latest=latest, **allowed("scores", options, RoundOptions)))

    def drift(self, *, forecast: bool = False, total: bool = False, **options: Unpack[RoundOptions]) -> Table:
        """Projected returns by day; `forecast`: a row a model and round with what is expected; `total`: a row a
        calendar day, over all rounds at risk."""
        context = self.context(forecast=forecast, total=total, **allowed("drift", options, RoundOptions))
        return self._read("drift", context)

    def backtest(
        self,
        *,
        predictive: bool = False,
        length: int | None = None,
        gap: int | None = None,
        **options: Unpack[RankedOptions],
    ) -> Table:
        """What models would have earned under payout terms or a grid of multipliers.

        `predictive`: whether choices on the past served later; `length` rounds to choose on, `gap` between them and the
        test.
        """
        if not predictive and (length is not None or gap is not None):
            raise OptionError("length and gap are for predictive=True")
        if predictive and options.get("compound"):
            raise OptionError("compound is not for predictive=True, which compares mean returns on stake")
        options_given = allowed("backtest", options, RankedOptions)
        return self._backtest("backtest", options_given, predictive=predictive, length=length, gap=gap)

    def ranking(self, **options: Unpack[RankedOptions]) -> Table:
        """Models by their best multipliers, the best for all, and those really chosen."""
        return self._backtest("ranking", allowed("ranking", options, RankedOptions))

    def risk(self, **options: Unpack[RiskOptions]) -> Table:
        """Mean, spread, drawdown and shape of returns under one set of terms; `window`: of each model's newest so
        many rounds, or of those from its newest note on (`note`)."""
        return self._backtest("risk", allowed("risk", options, RiskOptions))

    def allocation(self, **options: Unpack[AllocationOptions]) -> Table:
        """How much each model should carry under one set of terms; `walk`: the test of it, a row a round; `frontier`:
        what mean costs how much risk; `moving`: the way from today's stakes; `portfolio`: the weights as a whole."""
        return self._backtest("allocation", allowed("allocation", options, AllocationOptions))

    def field(
        self,
        *,
        weights: Mapping[str, float] | None = None,
        benchmark: str | None = None,
        **options: Unpack[RoundOptions],
    ) -> Table:
        """Models against everybody in the rounds whose field is in the cache, beside a `benchmark` by name; `weights`
        by score in the place of each round's multipliers."""
        context = self.context(**allowed("field", options, RoundOptions))
        by_score = None if weights is None else dict(weights)
        return self._read("field", replace(context, weights=by_score, benchmark=benchmark))

    def tournament(
        self, *, rounds: str | int | Ends | None = None, tournament: str | Tournament | None = None
    ) -> Table:
        """What the tournament paid and burnt in the rounds whose field is in the cache."""
        return self._read("tournament", self.context(tournament=tournament, rounds=rounds))

    def submissions(
        self, *, models: str | Sequence[str] | None = None, tournament: str | Tournament | None = None
    ) -> Table:
        """What each own model has sent for the open round, and what it had in the last 60."""
        return self._read("submissions", self.context(models=models, tournament=tournament))

    def payouts(
        self, *, models: str | Sequence[str] | None = None, tournament: str | Tournament | None = None
    ) -> Table:
        """Pending and settled payouts of the account."""
        return self._read("payouts", self.context(models=models, tournament=tournament))

    def prices(self) -> Table:
        """The price of one NMR by day in the currency of the setting `fiat`, its volatility and drawdown."""
        return self._read("prices", self.context())

    def stakes(self, **options: Unpack[ModelOptions]) -> Table:
        """Stakes of the account's models and their pending changes."""
        return self._read("stakes", self.context(**allowed("stakes", options, ModelOptions)))

    def journal(self) -> Table:
        """What was asked of stakes in every tournament, and what came of it."""
        return self._read("journal", self.context())

    def alerts(self) -> Table:
        """Alerts of all tournaments as they were last evaluated, with what is over."""
        return self._read("alerts", self.context())

    def notes(self, *, models: str | Sequence[str] | None = None) -> Table:
        """What was noted of models and rounds in every tournament, the newest first."""
        return self._read("notes", self.context(models=models))

    def table(self, name: str, context: ReportContext) -> Table:
        """A table by its name in `numtui export`. A long one streams: read it within one read transaction."""
        return TABLES[name].make(self.connection, context)

    def missing(self, context: ReportContext) -> tuple[str, ...]:
        """The models that are asked for by name and are not in the cache."""
        known = {name.lower() for name in known_models(self.connection, context.tournament, context.models)}
        return tuple(name for name in context.models.names if name.lower() not in known)

    def missing_days(self, name: str, context: ReportContext) -> MissingDays | None:
        """The days that a table is made of and that are not in the cache; None when all are."""
        rounds = TABLES[name].days(self.connection, context)
        if rounds is None:
            return None
        models = list(known_models(self.connection, context.tournament, context.models).values())
        return missing_days(self.connection, context.tournament, models, rounds)

    def context(
        self,
        *,
        tournament: str | Tournament | None = None,
        models: str | Sequence[str] | None = None,
        mine: bool = False,
        watched: bool = False,
        rounds: str | int | Ends | None = None,
        epoch: str | None = None,
        resolved: bool = False,
        unresolved: bool = False,
        latest: bool = False,
        forecast: bool = False,
        total: bool = False,
        predictive: bool = False,
        backtest: BacktestQuery | None = None,
        window: str | int | None = None,
        allocation: AllocationQuery | None = None,
    ) -> ReportContext:
        """The context of options as they are typed. OptionError."""
        from numtui.reports.epochs import counted_rounds  # reads another file than the cache

        refuse_both(resolved=resolved, unresolved=unresolved)
        refuse_both(forecast=forecast, total=total)
        refuse_both(epoch=epoch is not None, rounds=rounds is not None)
        which = self.settings.tournament if tournament is None else tournament_of(tournament)
        first, last = self._epoch(which, epoch) if epoch is not None else ends_of(rounds)
        wanted = True if resolved else False if unresolved else None
        return ReportContext(
            tournament=which,
            now=self.clock.now(),
            models=Models(model_names(models), mine=mine, watched=watched),
            rounds=counted_rounds(self.settings, which, first, last, resolved=wanted),
            latest=latest,
            forecast=forecast,
            total=total,
            backtest=BacktestQuery() if backtest is None else backtest,
            predictive=predictive,
            window=None if window is None else self._window(which, str(window)),
            allocation=AllocationQuery() if allocation is None else allocation,
            state_dir=self.settings.state_dir,
            config_file=self.settings.config_file,
            cache=self.settings.db,
            fiat=self.settings.fiat,
        )

    def _epoch(self, tournament: Tournament, name: str) -> Ends:
        from numtui.reports.epochs import epoch_named  # needed for this option only

        try:
            epoch = epoch_named(self.settings, tournament, name)
        except ValueError as error:
            raise OptionError(str(error)) from None
        return epoch.first, epoch.last

    def _window(self, tournament: Tournament, text: str) -> Window:
        from numtui.reports.epochs import window_named  # needed for this option only

        try:
            return window_named(self.settings, tournament, text)
        except ValueError as error:
            raise OptionError(f"window: {error}") from None

    def _backtest(
        self,
        name: str,
        options: Mapping[str, Any],
        *,
        predictive: bool = False,
        length: int | None = None,
        gap: int | None = None,
    ) -> Table:
        """The table of a backtest of these options."""
        of_rounds = {key: value for key, value in options.items() if key in RoundOptions.__annotations__}
        weighs = AllocationOptions.__annotations__.keys() - BacktestOptions.__annotations__.keys()
        weighed = {key: value for key, value in options.items() if key in weighs}
        context = self.context(
            predictive=predictive,
            window=options.get("window"),
            allocation=allocation_query(**weighed),
            **of_rounds,
        )
        first, last = context.rounds.first, context.rounds.last
        grid = options.get("grid", ())
        query = BacktestQuery.parse(
            models=context.models,
            rounds=ALL_ROUNDS if first is last is None else f"{first or ''}..{last or ''}",
            grid=(grid,) if isinstance(grid, str) else grid,
            terms=options.get("terms", ACTUAL),
            stake=number_text(options.get("stake", "1")),
            factor=number_text(options.get("payout_factor", ACTUAL)),
            clip=number_text(options.get("clip", ACTUAL)),
            mode=options.get("mode", "total"),
            matched=options.get("matched", False),
            unresolved=options.get("include_unresolved", False),
            compound=options.get("compound"),
            length=length,
            gap=gap,
            titles={"factor": "payout_factor"},
        )
        return self._read(name, replace(context, backtest=query))

    def _read(self, name: str, context: ReportContext) -> Table:
        """The table with all of its rows, of one moment. NotCached when it is about models that are not here."""
        with read_transaction(self.connection):
            if TABLES[name].about_models:
                self._require_models(name, context)
            if name == "scores" and (lacking := self.missing_days(name, context)):
                raise NotCached(f"{lacking}: `numtui export scores` fetches them, or name later rounds")
            table = self.table(name, context)
            return replace(table, rows=tuple(table.rows))

    def _require_models(self, name: str, context: ReportContext) -> None:
        """NotCached when none, or not all, of the models that are asked for are here."""
        if missing := self.missing(context):
            raise NotCached(f"not in the cache: {', '.join(missing)}; `numtui export {name} --models` fetches them")
        if not known_models(self.connection, context.tournament, context.models):
            raise NotCached(f"no such models in the cache of {context.tournament.label}: name some with models=")


def open_cache(db: str | Path | None = None, *, tournament: str | Tournament | None = None) -> Cache:
    """The cache in the file `db`, by default the one that the commands use, read-only.

    NUMTUI_DB, NUMTUI_TOURNAMENT, NUMTUI_STATE_DIR, NUMTUI_CONFIG, NUMTUI_PROFILE and the settings file are minded as by
    the commands.
    ConfigError; NoDatabase where there is no cache yet, and other StoreErrors.
    """
    stated = os.environ.get("NUMTUI_CONFIG")
    config_file = Path(stated) if stated else config.config_file()
    profile = os.environ.get("NUMTUI_PROFILE")
    content = config.with_profile(config.read_file(config_file, required=bool(stated)), profile, config_file)

    def setting(name: str) -> Any:
        return os.environ.get(f"NUMTUI_{name.upper()}") or content.get(name)

    path, state_dir = db or setting("db"), setting("state_dir")
    settings = Settings(
        db=Path(path).expanduser() if path else config.data_dir() / "numtui.sqlite",
        state_dir=Path(state_dir) if state_dir else config.state_dir(),
        config_file=config_file,
        epochs=config.by_tournament(content.get("epochs", {})),
        alerts=config.alert_settings(content)[0],
        fiat=setting("fiat") or "USD",
    )
    settings = replace(settings, tournament=tournament_of(tournament or setting("tournament") or settings.tournament))
    return Cache(settings, open_reader(settings.db), clock_from_env())
