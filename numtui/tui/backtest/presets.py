"""Presets: choices and epochs that the user keeps under a name."""

from __future__ import annotations

from difflib import get_close_matches

from numtui.reports.backtest.query import (
    ACTUAL,
    ALL_ROUNDS,
    USUAL,
    BacktestError,
    BacktestQuery,
    preset_tournament,
)
from numtui.store.queries.scores.values import score_names
from numtui.tui.backtest.form import KIND, BacktestForm
from numtui.tui.data import Cache
from numtui.tui.failures import READ_ERRORS, failure_line
from numtui.tui.monitor import MonitorApp

LONGEST_NAME = 40


def saved_choices(cache: Cache) -> dict[str, str]:
    """The choices saved in the tournament on screen by name, each as JSON text."""
    from numtui.store.notes.notes import Notes  # reads another file than the cache: not for the first frame

    presets = [preset for preset in Notes.of(cache.settings).contents().presets if preset.screen == KIND]
    of_here = {None, cache.tournament.label}
    return {preset.name: preset.value for preset in presets if preset_tournament(preset.value) in of_here}


def names(cache: Cache) -> list[str]:
    """The names of choices saved in the tournament on screen."""
    return list(saved_choices(cache))


def load(cache: Cache, name: str) -> BacktestForm:
    """Saved choices. BacktestError when there are none of that name in this tournament."""
    known = saved_choices(cache)
    if name not in known:
        raise BacktestError(f"nothing is saved as {name!r}; there are {', '.join(known) or 'none'}")
    return BacktestForm(BacktestQuery.from_json(known[name]))


def check_name(name: str) -> None:
    """BacktestError for a name that cannot be used."""
    if not name or len(name) > LONGEST_NAME:
        raise BacktestError(f"a name has 1 to {LONGEST_NAME} letters")


def check_saved(cache: Cache, text: str) -> None:
    """BacktestError for a name that cannot be used, or, behind `NAME=`, one that nothing is saved as."""
    name, sign, rest = (part.strip() for part in text.partition("="))
    check_name(name)
    if sign:
        if rest:
            raise BacktestError("NAME saves these choices, NAME= takes saved ones away")
        load(cache, name)


def save(app: MonitorApp, text: str, query: BacktestQuery) -> None:
    """Keep choices under a name, an older one of that name is replaced; `NAME=` takes it away."""
    name, sign, _ = (part.strip() for part in text.partition("="))
    from numtui.store.notes.notes import Notes  # as above

    notes = Notes.of(app.settings)
    try:
        if sign:
            notes.delete_preset(KIND, name)
        else:
            notes.put_preset(KIND, name, query.to_json(app.cache.tournament))
    except READ_ERRORS as error:
        app.notify(failure_line(error), severity="error", markup=False)
    else:
        app.notify(f"{name} is taken away." if sign else f"Saved as {name}; i takes it again.", markup=False)


def check_terms(query: BacktestQuery, cache: Cache) -> None:
    """ValueError for multipliers that cannot be understood, a score that nobody has, or a preset that this tournament
    has not."""
    from numtui.analysis.backtest.grid import parse_grid  # numpy is loaded with the first findings
    from numtui.analysis.regimes import regime_named

    if query.grid:
        known = {row.name for row in score_names(cache.reader)}
        for score in parse_grid(query.grid).scores:
            if score.partition("@")[0] not in known:
                near = get_close_matches(score, sorted(known), n=3) or sorted(known)
                raise BacktestError(f"no model here has a score {score!r}; there are {', '.join(near)}")
    if query.terms in {ACTUAL, USUAL}:
        return
    if regime_named(query.terms, cache.tournament).tournament is not cache.tournament:
        raise BacktestError(f"{query.terms} are terms of another tournament")


def preset_names(cache: Cache) -> list[str]:
    """The names of the payout terms of the tournament on screen."""
    from numtui.analysis.regimes import PRESETS  # as above

    return [regime.name for regime in PRESETS if regime.tournament is cache.tournament]


def epoch_names(cache: Cache) -> list[str]:
    """The names of the epochs of the tournament on screen."""
    from numtui.reports.epochs import epochs  # the analysis behind it is not needed for the first frame

    return sorted(epochs(cache.settings, cache.tournament))


def check_rounds(cache: Cache, text: str) -> None:
    """ValueError for what is neither `all`, nor an epoch, nor a range, nor a new epoch `NAME=843..1100`, nor one of the
    user's to be taken away, `NAME=`."""
    from numtui.analysis.epochs import epochs_of  # as above
    from numtui.reports.epochs import epoch_named, kept_epochs

    name, sign, limits = text.partition("=")
    if sign:
        check_name(name.strip())
        if name.strip() in epochs_of(cache.tournament) or ".." in name or name.strip().isdigit():
            raise BacktestError(f"{name.strip()!r} has a meaning already: choose another name")
        if not limits.strip():
            kept = [epoch.name for epoch in kept_epochs(cache.settings, cache.tournament)]
            if name.strip() not in kept:
                raise BacktestError(f"no epoch {name.strip()!r} of yours; there are {', '.join(kept) or 'none'}")
            return
    wanted = limits if sign else text
    if wanted.strip() != ALL_ROUNDS:
        epoch_named(cache.settings, cache.tournament, wanted)


def kept_epoch(cache: Cache, text: str) -> str:
    """The range or name to use; a new epoch `NAME=843..1100` is kept first, or, `NAME=`, taken away."""
    from numtui.reports.epochs import epoch_named  # as above
    from numtui.store.notes.notes import Notes

    name, sign, limits = (part.strip() for part in text.partition("="))
    if not sign:
        return text.strip()
    if not limits:
        Notes.of(cache.settings).delete_epoch(cache.tournament, name)
        return ALL_ROUNDS
    epoch = epoch_named(cache.settings, cache.tournament, limits)
    Notes.of(cache.settings).put_epoch(cache.tournament, name, epoch.first, epoch.last)
    return name
