"""What the user keeps of backtests: choices under a name, and epochs."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from numtui.model import Tournament
from numtui.reports.backtest_options import ACTUAL, USUAL, BacktestError
from numtui.store.database import open_writer
from numtui.store.own import put_epoch, put_preset
from numtui.tui.data import REPORT_ERRORS, Cache, one_line
from numtui.tui.screens.backtest_wish import ALL_ROUNDS, KIND, Wish, wish_of

if TYPE_CHECKING:
    from numtui.tui.app import NumtuiApp

LONGEST_NAME = 40


def names(cache: Cache) -> list[str]:
    """The names of saved choices."""
    found = cache.reader.execute("SELECT name FROM presets WHERE kind = ? ORDER BY name", (KIND,))
    return [name for (name,) in found]


def load(cache: Cache, name: str) -> Wish:
    """Saved choices. BacktestError when there are none of that name."""
    found = cache.reader.execute("SELECT value FROM presets WHERE kind = ? AND name = ?", (KIND, name)).fetchone()
    if found is None:
        raise BacktestError(f"nothing is saved as {name!r}; there are {', '.join(names(cache)) or 'none'}")
    return wish_of(found[0])


def check_name(name: str) -> None:
    """BacktestError for a name that cannot be used."""
    if not name or len(name) > LONGEST_NAME:
        raise BacktestError(f"a name has 1 to {LONGEST_NAME} letters")


def save(app: NumtuiApp, name: str, wish: Wish) -> None:
    """Keep choices; an older one of that name is replaced."""
    try:
        with closing(open_writer(app.settings.db)) as writer:
            put_preset(writer, KIND, name, wish.to_json())
    except REPORT_ERRORS as error:
        app.notify(one_line(error), severity="error", markup=False)
    else:
        app.notify(f"Saved as {name}; i takes it again.", markup=False)


def check_terms(wish: Wish, tournament: Tournament) -> None:
    """ValueError for multipliers that cannot be understood, or a preset that this tournament has not."""
    from numtui.analysis.grid import parse_grid  # numpy is loaded with the first findings
    from numtui.analysis.terms import terms_named

    options = wish.options
    if options.grid:
        parse_grid(options.grid)
    if options.terms not in {ACTUAL, USUAL} and terms_named(options.terms).tournament is not tournament:
        raise BacktestError(f"{options.terms} are terms of another tournament")


def epoch_names(cache: Cache) -> list[str]:
    """The names of the epochs of the tournament on screen."""
    from numtui.reports.epochs import epochs  # the analysis behind it is not needed for the first frame

    return sorted(epochs(cache.reader, cache.tournament))


def check_rounds(cache: Cache, text: str) -> None:
    """ValueError for what is neither `all`, nor an epoch, nor a range, nor a new epoch `NAME=843..1100`."""
    from numtui.reports.epochs import epoch_named  # as above

    name, sign, span = text.partition("=")
    if sign:
        check_name(name.strip())
        if name.strip() == ALL_ROUNDS or ".." in name or name.strip().isdigit():
            raise BacktestError(f"{name.strip()!r} cannot name an epoch")
    wanted = span if sign else text
    if wanted.strip() != ALL_ROUNDS:
        epoch_named(cache.reader, cache.tournament, wanted)


def kept_epoch(cache: Cache, text: str) -> str:
    """The range or name to use; a new epoch `NAME=843..1100` is written to the cache first."""
    from numtui.reports.epochs import epoch_named  # as above

    name, sign, span = (part.strip() for part in text.partition("="))
    if not sign:
        return text.strip()
    found = epoch_named(cache.reader, cache.tournament, span)
    with closing(open_writer(cache.settings.db)) as writer:
        put_epoch(writer, cache.tournament, name, found.first, found.last)
    return name
