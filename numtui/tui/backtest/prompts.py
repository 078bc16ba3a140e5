"""The prompts of the Backtest screen, and what it says where there is nothing."""

from __future__ import annotations

from numtui.tui.backtest import presets
from numtui.tui.backtest.form import BacktestForm
from numtui.tui.failures import READ_ERRORS, failure_line
from numtui.tui.screens.line_prompt import LinePrompt
from numtui.tui.screens.report_screen import ReportScreen

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


class AskingScreen(ReportScreen):
    """A screen whose content follows a form, parts of which are typed."""

    form: BacktestForm

    def choose(self, form: BacktestForm) -> None:
        """Answer another form."""
        raise NotImplementedError  # what follows from a form is the subclass' own

    def action_rounds(self) -> None:
        """A range or an epoch; a new epoch is kept when it is given a name."""
        cache = self.app.cache

        def take(text: str | None) -> None:
            if text is None:
                return
            try:
                self.choose(self.form.with_rounds(presets.kept_epoch(cache, text)))
            except READ_ERRORS as error:
                self.app.notify(failure_line(error), severity="error", markup=False)

        def check(text: str) -> None:
            presets.check_rounds(cache, text)

        try:
            names = ", ".join(name for name in presets.epoch_names(cache) if name != "all")
        except READ_ERRORS as error:
            names = failure_line(error)
        self.app.push_screen(LinePrompt("Rounds:", self.form.query.rounds, EPOCH_HINT.format(names=names), check), take)

    def action_terms(self) -> None:
        """A grid, a preset's terms, or the terms of each round."""

        def take(text: str | None) -> None:
            if text is not None:
                self.choose(self.form.with_terms(text))

        def check(text: str) -> None:
            presets.check_terms(self.form.with_terms(text).query, self.app.cache)

        hint = GRID_HINT.format(presets=", ".join(presets.preset_names(self.app.cache)))
        self.app.push_screen(LinePrompt("Multipliers:", self.form.query.terms_text, hint, check), take)

    def action_money(self) -> None:
        """Stake, factor and clip, and the windows of the walk forward."""

        def take(text: str | None) -> None:
            if text is not None:
                self.choose(self.form.with_money(text))

        self.app.push_screen(LinePrompt("Money and windows:", self.form.money, MONEY_HINT, self.form.with_money), take)

    def action_save(self) -> None:
        """Keep the choices under a name, or take kept ones away."""
        cache = self.app.cache

        def take(text: str | None) -> None:
            if text is not None:
                presets.save(self.app, text, self.form.query)

        def check(text: str) -> None:
            presets.check_saved(cache, text)

        hint = SAVE_HINT.format(names=", ".join(presets.names(cache)) or "none yet")
        self.app.push_screen(LinePrompt("Save these choices as:", "", hint, check), take)

    def action_load(self) -> None:
        """Take saved choices."""
        cache = self.app.cache
        names = presets.names(cache)
        if not names:
            self.app.notify("No choices are saved yet: w saves these.")
            return

        def take(name: str | None) -> None:
            if name is not None:
                self.choose(presets.load(cache, name))

        def check(name: str) -> None:
            presets.load(cache, name)

        self.app.push_screen(LinePrompt("Take the choices:", names[0], f"There are: {', '.join(names)}.", check), take)
