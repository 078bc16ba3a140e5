"""`export field`: models against everybody in their rounds, a row a model."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints, known_means, number
from numtui.analysis.field.character import UnusualStretch, unusual_stretches
from numtui.analysis.field.relatives import Pair, related_pairs
from numtui.analysis.field.rounds import burn_rounds, percentiles, stake_weighted, strong_models
from numtui.analysis.intervals import LEAST, OPEN_20, OPEN_60, mean_interval
from numtui.analysis.risk import correlations
from numtui.analysis.stretches import earn_burn, sharpe_interval
from numtui.format import counted
from numtui.model import Column, Kind, Table, Tournament
from numtui.reports.field.inputs import FieldError, FieldInputs, field_inputs, multipliers
from numtui.store.queries.selection import Models, Rounds, known_models

BENCHMARKS = {  # the models that Numerai or its community runs for comparison; the first that is in the rounds counts
    Tournament.CLASSIC: ("integration_test", "example_predictions", "v52_lgbm_ender20", "v52_lgbm_cyrus20"),
    Tournament.SIGNALS: ("signals_example", "integration_test"),
    Tournament.CRYPTO: ("crypto_example", "integration_test"),
}
LONG_SCORES = ("corr60", "mmc60")
SERIES = ("v5_lgbm", "v52_lgbm")  # the beginnings of the names of Numerai's own series
FEWEST = 10  # rounds of a model below which a correlation, or a Sharpe, says nothing
NEWEST = 20  # rounds of a recent percentile
COLUMNS = (
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("rounds", Kind.INT, doc="rounds of the range in which it has a value: the weighted sum of the paid scores"),
    Column("percentile", Kind.PERCENTILE, doc="mean share of the others that it lies above, 0..1"),
    Column("percentile_staked", Kind.PERCENTILE, "of staked", "the same among staked models"),
    Column("percentile_newest", Kind.PERCENTILE, "newest", "its percentile in the newest round"),
    Column("percentile_20", Kind.PERCENTILE, "newest 20", "its mean percentile in the newest 20 of its rounds"),
    Column("value", Kind.SCORE, doc="mean value, before factor and clip"),
    Column("sharpe", Kind.FLOAT, "Sharpe", "mean value / its standard deviation, a round"),
    Column("sharpe_p05", Kind.FLOAT, "Sharpe p05", "lower end of its 90 % interval; empty where thin"),
    Column("sharpe_p95", Kind.FLOAT, "Sharpe p95", "upper end of its 90 % interval; empty where thin"),
    Column("field_value", Kind.SCORE, "field", "mean value of the NMR at risk in those rounds"),
    Column("burn_rounds", Kind.INT, "burn rounds", "of them rounds in which more than half of the NMR at risk burnt"),
    Column("burn_value", Kind.SCORE, "in burns", "its mean value in burn rounds"),
    Column("burn_value_field", Kind.SCORE, "field in burns", "mean value of the NMR at risk in burn rounds"),
    Column("burn_value_strong", Kind.SCORE, "strong in burns", "mean in burn rounds of the fifth with the highest MMC"),
    Column("other_value", Kind.SCORE, "otherwise", "its mean value in the other rounds"),
    Column("earn_burn", Kind.FLOAT, "earn/burn", "sum of its values above 0 over that below 0"),
    Column("benchmark", Kind.TEXT, doc="the model that it is compared with"),
    Column("benchmark_sharpe", Kind.FLOAT, "its Sharpe", "the benchmark's in the rounds of both"),
    Column("difference", Kind.SCORE, "vs benchmark", "mean difference from it, round by round"),
    Column("difference_p05", Kind.SCORE, "p05", "lower end of its 90 % interval; empty where thin"),
    Column("difference_p95", Kind.SCORE, "p95", "upper end of its 90 % interval; empty where thin"),
    Column("corr_mmc", Kind.FLOAT, "CORR~MMC", "correlation of its CORR with its MMC: high of linear models"),
    Column("corr_mmc_percentile", Kind.PERCENTILE, "of field", "share of the field with a lower one"),
    Column("meta_correlation", Kind.FLOAT, "meta", "mean correlation with the meta model"),
    Column("meta_percentile", Kind.PERCENTILE, "of field", "share of the field with a lower one"),
    Column("relation", Kind.TEXT, doc="copy, mirror or relative: how its nearest relative is related"),
    Column("relative", Kind.TEXT, doc="the nearest relative, among all; empty where none is sure"),
    Column("relative_correlation", Kind.FLOAT, "r", "their correlation"),
    Column("unusual", Kind.TEXT, doc="good or bad: a newest stretch that is out of character, with its rounds"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


class FieldRow(NamedTuple):
    """A model against the field, as `COLUMNS` say; None where undefined."""

    model: str
    rounds: int
    percentile: float | None
    percentile_staked: float | None
    percentile_newest: float | None
    percentile_20: float | None
    value: float | None
    sharpe: float | None
    sharpe_p05: float | None
    sharpe_p95: float | None
    field_value: float | None
    burn_rounds: int
    burn_value: float | None
    burn_value_field: float | None
    burn_value_strong: float | None
    other_value: float | None
    earn_burn: float | None
    benchmark: str | None
    benchmark_sharpe: float | None
    difference: float | None
    difference_p05: float | None
    difference_p95: float | None
    corr_mmc: float | None
    corr_mmc_percentile: float | None
    meta_correlation: float | None
    meta_percentile: float | None
    relation: str | None
    relative: str | None
    relative_correlation: float | None
    unusual: str | None
    tournament: str


def field_table(
    connection: sqlite3.Connection,
    tournament: Tournament,
    models: Models,
    rounds: Rounds,
    *,
    weights: dict[str, float] | None = None,
    benchmark: str | None = None,
) -> Table:
    """A row a chosen model over the rounds whose field is here; empty, with a note, without any. `benchmark`: the model
    to compare with, by default the first of BENCHMARKS that is in the rounds. FieldError for one that is not."""
    inputs = field_inputs(connection, tournament, rounds, weights)
    chosen = list(known_models(connection, tournament, models))
    if inputs is None:
        return Table("field", COLUMNS, (), ("the field of no round of this range is in the cache",))
    rows = field_rows(inputs, inputs.positions(chosen), benchmark)
    numbers = [row.round for row in inputs.rounds]
    notes = [f"the field of {counted(len(numbers), 'round')} is here: {numbers[0]} to {numbers[-1]}"]
    least = LEAST * open_rounds(inputs)
    if len(numbers) < least:
        notes.append(f"thin: fewer than {least} rounds, too few for an interval; --rounds fetches more")
    return Table("field", COLUMNS, rows, (*notes, *_benchmark_sharpes(inputs)))


def open_rounds(inputs: FieldInputs) -> int:
    """How many rounds are unresolved at once under the terms of these rounds."""
    paid = {name for row in inputs.rounds for name in multipliers(inputs.tournament, row)}
    return OPEN_60 if paid & set(LONG_SCORES) else OPEN_20


def field_rows(inputs: FieldInputs, models: Ints, named: str | None = None) -> list[FieldRow]:
    """The rows of the models at these positions, beside the benchmark of that name (None: the first there is)."""
    field, at_once = inputs.field, open_rounds(inputs)
    above, above_staked = percentiles(field, models), percentiles(field, models, staked=True)
    burns, paid = burn_rounds(field), stake_weighted(field)
    strong = field.value[strong_models(inputs.mmc, field)]
    benchmark = _benchmark(inputs, named)
    linear, meta = _corr_mmc(inputs), known_means(inputs.meta, 1)
    everybody = np.arange(len(inputs.names))
    pairs = _nearest(related_pairs(inputs.corr, models, everybody, at_once) if models.size else [], models)
    odd = {stretch.model: stretch for stretch in reversed(unusual_stretches(field.value, models, at_once))}
    rows = []
    for place, m in enumerate(models.tolist()):
        value = field.value[m]
        known: Bools = np.logical_not(np.isnan(value))
        pair, stretch = pairs.get(m), odd.get(m)
        beside = np.full(value.shape, np.nan) if benchmark is None else field.value[benchmark]
        newest = _known(above[place])[-NEWEST:]
        sharpe = sharpe_interval(value[known], at_once)
        rows.append(
            FieldRow(
                model=inputs.names[m],
                rounds=int(known.sum()),
                percentile=_mean(above[place]),
                percentile_staked=_mean(above_staked[place]),
                percentile_newest=number(above[place, -1]),
                percentile_20=_mean(newest),
                value=_mean(value),
                sharpe=_sharpe(value[known]),
                sharpe_p05=None if sharpe is None else number(float(sharpe.low)),
                sharpe_p95=None if sharpe is None else number(float(sharpe.high)),
                field_value=_mean(paid[known]),
                burn_rounds=int((known & burns).sum()),
                burn_value=_mean(value[burns]),
                burn_value_field=_mean(paid[known & burns]),
                burn_value_strong=_mean(strong[:, known & burns]),
                other_value=_mean(value[~burns]),
                earn_burn=earn_burn(value[known]),
                benchmark=None if benchmark is None else inputs.names[benchmark],
                benchmark_sharpe=_sharpe(beside[known & np.logical_not(np.isnan(beside))]),
                **_difference(value - beside, at_once),
                corr_mmc=number(linear[m]),
                corr_mmc_percentile=_share_below(linear, m),
                meta_correlation=number(meta[m]),
                meta_percentile=_share_below(meta, m),
                relation=None if pair is None else pair.relation,
                relative=None if pair is None else inputs.names[pair.second if pair.first == m else pair.first],
                relative_correlation=None if pair is None else pair.correlation,
                unusual=None if stretch is None else _words(stretch),
                tournament=inputs.tournament.label,
            )
        )
    return rows


def _benchmark(inputs: FieldInputs, named: str | None) -> int | None:
    """The position of the named model, else of the first benchmark that has a value in any of the rounds."""
    known = _benchmarks(inputs, [named] if named else BENCHMARKS[inputs.tournament])
    if named and not known:
        raise FieldError(f"benchmark: {named} is in none of these rounds")
    return known[0] if known else None


def _benchmarks(inputs: FieldInputs, names: Sequence[str]) -> list[int]:
    places = inputs.positions(list(names)).tolist()
    return [place for place in places if not np.isnan(inputs.field.value[place]).all()]


def _benchmark_sharpes(inputs: FieldInputs) -> list[str]:
    """The Sharpes of everything that Numerai runs for comparison, the best first, in a line; none without any."""
    series = sorted(name for name in inputs.names if name.startswith(SERIES))
    places = _benchmarks(inputs, [*dict.fromkeys([*BENCHMARKS[inputs.tournament], *series])])
    known = [(place, _sharpe(_known(inputs.field.value[place]))) for place in places]
    ranked = sorted(((sharpe, inputs.names[place]) for place, sharpe in known if sharpe is not None), reverse=True)
    told = ", ".join(f"{name} {sharpe:.2f}" for sharpe, name in ranked)
    return [f"Sharpe of the benchmarks: {told}"] if told else []


def _sharpe(values: Floats) -> float | None:
    if values.size < FEWEST:
        return None
    spread = float((values - values[0]).std(ddof=1))
    return float(values.mean()) / spread if spread > 0 else None


def _difference(difference: Floats, at_once: int) -> dict[str, float | None]:
    difference = _known(difference)
    found = mean_interval(difference, at_once)
    return {
        "difference": _mean(difference),
        "difference_p05": None if found is None else number(float(found.low)),
        "difference_p95": None if found is None else number(float(found.high)),
    }


def _corr_mmc(inputs: FieldInputs) -> Floats:
    """[N] the correlation of each model's CORR with its MMC over the rounds that have both; NaN below FEWEST."""
    both = np.logical_not(np.isnan(inputs.corr) | np.isnan(inputs.mmc))
    result = np.full(len(inputs.names), np.nan)
    for m in np.flatnonzero(both.sum(axis=1) >= FEWEST).tolist():
        result[m] = correlations(np.stack([inputs.corr[m, both[m]], inputs.mmc[m, both[m]]]))[0, 1]
    return result


def _nearest(pairs: list[Pair], models: Ints) -> dict[int, Pair]:
    """The closest pair of each model; `pairs` are in that order."""
    nearest: dict[int, Pair] = {}
    wanted = set(models.tolist())
    for pair in pairs:
        for m in (pair.first, pair.second):
            if m in wanted:
                nearest.setdefault(m, pair)
    return nearest


def _words(stretch: UnusualStretch) -> str:
    return f"{'good' if stretch.good else 'bad'}: newest {stretch.window} rounds"


def _known(values: Floats) -> Floats:
    return values[np.logical_not(np.isnan(values))]


def _mean(values: Floats) -> float | None:
    known = _known(values)
    return float(known.mean()) if known.size else None


def _share_below(values: Floats, m: int) -> float | None:
    known = values[np.logical_not(np.isnan(values))]
    if np.isnan(values[m]) or known.size < 2:
        return None
    return float(np.count_nonzero(known < values[m]) / (known.size - 1))
