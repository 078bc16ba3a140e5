"""The prompts of the Backtest screen, and what it says where there is nothing."""

from __future__ import annotations

from typing import Protocol

from numtui.tui.backtest import presets
from numtui.tui.backtest.form import BacktestForm
from numtui.tui.failures import READ_ERRORS, failure_line
from numtui.tui.monitor import MonitorApp
from numtui.tui.screens.line_prompt import LinePrompt

NO_MODELS = (
    "No models to compare: set NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY for your own,\n"
    "or press f on a model of the leaderboard (1) to watch it. m chooses among them."
)
NO_ROUNDS = (
    "These models have no final score in this range of rounds.\n\n"
    "n chooses other rounds (all, an epoch, 843..1100); u takes unresolved rounds too."
)
GRID_HINT = (
    "SCORE=V,V,.. or SCORE=A..B:STEP for each score, such as\n"
    "canon_corr=0,0.5,1 canon_mmc=0..3:0.5\n"
    "or usual (around the multipliers that most of the rounds were paid by),\n"
    "actual (the terms of each round), or a preset: {presets}."
)
MONEY_HINT = (
    "stake in NMR a round; factor and clip a number, or actual for that of each round;\n"
    "length and gap in rounds: of the window to choose on, and before the one to measure on."
)
SAVE_HINT = "There are: {names}. NAME= takes one away."
EPOCH_HINT = (
    "843..1100 (either end open), all, or an epoch: {names}.\n"
    "NAME=843..1100 keeps an epoch of yours, NAME= takes it away."
)


class Choosing(Protocol):
    """A screen whose content follows a form, parts of which are typed."""

    form: BacktestForm

    def choose(self, form: BacktestForm) -> None:
        """Answer another form."""


def ask_rounds(app: MonitorApp, screen: Choosing) -> None:
    """Ask for a range or an epoch; a new epoch is kept when it is given a name."""
    cache = app.cache

    def take(text: str | None) -> None:
        if text is None:
            return
        try:
            screen.choose(screen.form.with_rounds(presets.kept_epoch(cache, text)))
        except READ_ERRORS as error:
            app.notify(failure_line(error), severity="error", markup=False)

    def check(text: str) -> None:
        presets.check_rounds(cache, text)

    try:
        names = ", ".join(name for name in presets.epoch_names(cache) if name != "all")
    except READ_ERRORS as error:
        names = failure_line(error)
    app.push_screen(LinePrompt("Rounds:", screen.form.query.rounds, EPOCH_HINT.format(names=names), check), take)


def ask_terms(app: MonitorApp, screen: Choosing) -> None:
    """Ask for a grid, a preset's terms, or the terms of each round."""

    def take(text: str | None) -> None:
        if text is not None:
            screen.choose(screen.form.with_terms(text))

    def check(text: str) -> None:
        presets.check_terms(screen.form.with_terms(text).query, app.cache)

    hint = GRID_HINT.format(presets=", ".join(presets.preset_names(app.cache)))
    app.push_screen(LinePrompt("Multipliers:", screen.form.query.terms_text, hint, check), take)


def ask_money(app: MonitorApp, screen: Choosing) -> None:
    """Ask for stake, factor and clip, and the windows of the walk forward."""

    def take(text: str | None) -> None:
        if text is not None:
            screen.choose(screen.form.with_money(text))

    app.push_screen(LinePrompt("Money and windows:", screen.form.money, MONEY_HINT, screen.form.with_money), take)


def ask_name(app: MonitorApp, screen: Choosing) -> None:
    """Ask for a name: keep the choices under a name, or take kept ones away."""
    cache = app.cache

    def take(text: str | None) -> None:
        if text is not None:
            presets.save(app, text, screen.form.query)

    def check(text: str) -> None:
        presets.check_saved(cache, text)

    hint = SAVE_HINT.format(names=", ".join(presets.names(cache)) or "none yet")
    app.push_screen(LinePrompt("Save these choices as:", "", hint, check), take)


def ask_preset(app: MonitorApp, screen: Choosing) -> None:
    """Ask which saved choices to take."""
    cache = app.cache
    names = presets.names(cache)
    if not names:
        app.notify("No choices are saved yet: w saves these.")
        return

    def take(name: str | None) -> None:
        if name is not None:
            screen.choose(presets.load(cache, name))

    def check(name: str) -> None:
        presets.load(cache, name)

    app.push_screen(LinePrompt("Take the choices:", names[0], f"There are: {', '.join(names)}.", check), take)
