"""The findings of a backtest in words and small tables."""

from __future__ import annotations

import math
from textwrap import wrap
from typing import TYPE_CHECKING

from numtui.reports.backtest.query import RATIOS

if TYPE_CHECKING:
    from numtui.analysis.backtest.walk_forward import Estimate, Walk
    from numtui.reports.backtest.study import Study

LEVERAGE = {
    "largest": " Only the largest of its proportions: that is leverage; o ranks by Sharpe or per risk.",
    "smallest": " Only the smallest of its proportions: it loses least; o ranks by Sharpe or per risk.",
}
FIGURES = ("rank corr.", "to best", "to equal", "to nothing")
FORMS = {"average": "+.5f", "sharpe": "+.3f"}
TITLES = {"average": "average NMR", "total": "total NMR", "sharpe": "Sharpe", "per_risk": "mean / -CVaR 5 %"}
NAME, NARROW, WIDE = 7, 12, 17  # cells of the columns; wide ones have room for intervals


def about(study: Study, model: str, key: str | None, *, hide: bool) -> str:
    """The model's best cell (or the cell `key`) with its uncertainty, the actual choice, and what that earned."""
    from numtui.reports.backtest.study import cell_of  # loaded already: the study comes from there

    best = study.best_cell(model)
    row = study.row(model)
    if best is None or row is None:
        return f"{model} has no round with all of these scores."
    cell = best if key is None else cell_of(key)[1]
    m = study.result.models.index(model)
    has_grid = study.inputs.grid is not None
    text = f"{model}: {'best ' if has_grid and cell == best else ''}{study.cell_text(cell)}"
    mode = study.result.mode
    if mode in RATIOS:
        text += f", {TITLES[mode]} {study.result.figure[m, cell]:+.3f}{_sure(study, 'sharpe', m, cell)}"
    elif not hide:
        text += f", {_each(study.result.average[m, cell])}{_sure(study, 'average', m, cell)}"
    if has_grid and cell == best and row.best_share is not None:
        text += f", first in {_share(row.best_share)} of draws"
    if cell != best:
        text += f", rank {study.result.rank[m, cell]} of {len(study.inputs.cells)}{_behind(study, model, cell, hide)}"
        text += f". Best: {study.cell_text(best)}"
    extreme = study.leverage(model)
    if extreme is None and study.at_edge(model):
        text += ", at the grid's edge"
    text += "."
    if extreme is not None:
        text += LEVERAGE[extreme]
    if row.actual_rank is not None and has_grid:
        amount = "" if hide else f", {_each(row.actual_average)}"
        text += f" Actual choice: rank {row.actual_rank} of {row.cells}{amount}."
    if row.settled is not None and not hide:
        text += f" Really settled: {float(row.settled):+,.4f} NMR."
    return text


def findings(study: Study, width: int, height: int, more: str) -> list[str]:
    """The verdict of the walk forward and the notes for a reader, in at most `height` lines; where these are too few,
    the last one says what shows `more`."""
    walk = study.walk
    known = None if walk is None or isinstance(walk, str) else walk
    verdict = known.verdict if known is not None else walk or "Working it out."
    lines = wrap(f"Does the past say anything? {verdict}", width)
    if known is not None:
        lines += _table(known, width)
    for note in study.notes:
        if study.inputs.grid is None and note.startswith("common:"):  # of one cell all are the best
            continue
        lines += wrap(f"- {note}", width, subsequent_indent="  ")
    if len(lines) > height > 0:
        lines = [*lines[: height - 1], f"({len(lines) - height + 1} lines more: {more} shows them)"[:width]]
    return lines[: max(0, height)]


def _each(value: object) -> str:
    return f"{float(str(value)):+.5f} NMR a round"


def _share(share: float) -> str:
    """A share that is not rounded to all or none."""
    return f"{share:.0%}" if share in {0.0, 1.0} else f"{min(max(share, 0.001), 0.999):.1%}"


def _sure(study: Study, figure: str, model: int, cell: int) -> str:
    """The interval of an average or a Sharpe in brackets, or why there is none; mean over CVaR is shown without."""
    result = study.result
    if result.mode == "per_risk":
        return ""
    if study.inputs.query.compound and figure == "average":
        return " (compounded: no interval)"
    low, high = (getattr(result, f"{figure}_{end}") for end in ("p05", "p95"))
    if result.thin[model] or low is None or high is None:
        return " (interval: thin)"
    return f" (90 % {low[model, cell]:{FORMS[figure]}} to {high[model, cell]:{FORMS[figure]}})"


def _behind(study: Study, model: str, cell: int, hide: bool) -> str:
    """How far a cell lies behind the best one, with the interval of the difference."""
    behind = study.behind(model, cell)
    ratio = study.result.mode in RATIOS
    if behind is None or not math.isfinite(behind.low) or (hide and not ratio):
        return ""
    form = FORMS["sharpe" if ratio else "average"]
    return f", behind by {behind.estimate:{form}} (90 % {behind.low:{form}} to {behind.high:{form}})"


def _table(walk: Walk, width: int) -> list[str]:
    """The walk's figures by what is chosen among: rank correlation, and regrets of the choice, returns a round."""
    if not len(walk.train):
        return []
    first, last = walk.train[0].tolist()
    test = walk.test[0].tolist()
    windows = (
        f"{len(walk.train)} windows: choose on {last - first + 1} rounds, leave out {test[0] - last - 1}, "
        f"measure on {test[1] - test[0] + 1}. Rank correlation, and regrets as returns on stake a round:"
    )
    every = (walk.models, walk.cells, walk.both) if walk.cells.options > 1 else (walk.models,)
    choices = [choice for choice in every if choice.options > 1]
    wide = width >= NAME + len(FIGURES) * WIDE and not walk.thin
    column = WIDE if wide else NARROW
    heading = "".join(title.rjust(column) for title in FIGURES)
    lines = [" " * NAME + heading]
    for choice in choices:
        figures = (choice.correlation, choice.regret_best, choice.regret_equal, choice.regret_nothing)
        forms = ("+.2f", "+.4f", "+.4f", "+.4f")
        means = [f"{estimate.mean:{form}}" for estimate, form in zip(figures, forms, strict=True)]
        lines.append(choice.name.ljust(NAME) + "".join(mean.rjust(column) for mean in means))
        if wide:
            bounds = [_bounds(estimate, form) for estimate, form in zip(figures, forms, strict=True)]
            lines.append(" " * NAME + "".join(text.rjust(column) for text in bounds))
    return [*wrap(windows, width), *lines]


def _bounds(estimate: Estimate, form: str) -> str:
    if estimate.low is None or estimate.high is None:
        return "thin"
    return f"{estimate.low:{form}}..{estimate.high:{form}}"
