"""The order of the columns of a backtest's tables: what the mode is about first, without what then means nothing."""

from __future__ import annotations

from numtui.model import Table
from numtui.reports.backtest.query import Mode
from numtui.tui.table.layout import Layout

RESULTS = (
    *("total", "average", "average_p05", "average_p95", "matched_average", "behind", "behind_p05", "behind_p95"),
    *("actual_total", "actual_average", "common_average"),
)
AVERAGE = ("average", "average_p05", "average_p95")
PLACE = ("rank_p05", "rank_p95")
BY_MODE = {  # the columns that come first
    "average": ("matched_average", *AVERAGE, *PLACE, "best_share", "actual_rank", "total"),
    "total": ("total", *AVERAGE, "best_share", "actual_rank"),
    "sharpe": ("matched_sharpe", *PLACE, "best_share", "actual_rank", *AVERAGE),
    "per_risk": ("matched_per_risk", *PLACE, "best_share", "actual_rank", *AVERAGE),
}
MODELS = Layout(
    fixed=("rank", "model"),
    first=BY_MODE["average"],
    hidden=("tournament",),
    results=RESULTS,
)
ONLY_GRIDS = ("best_", "common_", "actual_", "leverage", "cells", "tournament")  # beginnings of columns' names
CELLS = Layout(
    fixed=("rank", "model"),
    hidden=("key", "tournament"),
    results=RESULTS,
)
OF_CELLS = {"sharpe": ("sharpe", "sharpe_p05", "sharpe_p95"), "per_risk": ("per_risk", "cvar_5")}


def layout_of(view: str, table: Table, mode: Mode, *, has_grid: bool) -> Layout:
    """The layout of the table of `models` or `cells`; without a grid there is one way to be paid, and so none to
    compare it with."""
    names = [column.name for column in table.columns]
    if view == "cells":
        scores = names[2 : names.index("rounds")]
        return CELLS._replace(first=(*scores, *OF_CELLS.get(mode, AVERAGE), "proportions", "total"))
    hidden = MODELS.hidden if has_grid else tuple(name for name in names if name.startswith(ONLY_GRIDS))
    return MODELS._replace(first=tuple(name for name in BY_MODE[mode] if name not in hidden), hidden=hidden)
