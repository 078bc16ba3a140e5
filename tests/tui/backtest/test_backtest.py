"""The backtest screen: its choices, panels and words, at work on a real cache."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.reports.backtest.query import BacktestQuery, StoppedError
from numtui.reports.backtest.study import ACTUAL_CELL
from numtui.store.notes.notes import Notes
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.backtest import computation
from numtui.tui.backtest import screen as screen_module
from numtui.tui.backtest.columns import layout_of
from numtui.tui.backtest.form import BacktestForm
from numtui.tui.backtest.screen import BacktestScreen
from numtui.tui.screens.line_prompt import LinePrompt
from tests.tui.backtested import COUNT, FIRST, NOW, fill
from tests.tui.filled import settings_of
from tests.tui.shown import press, settled, text, until, where, worked

Compare = Callable[..., bool]


@pytest.fixture(scope="session")
def backtested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backtested") / "cache.sqlite"
    fill(path)
    return path


@pytest.fixture
def settings(tmp_path: Path, backtested: Path) -> Settings:
    with closing(sqlite3.connect(backtested)) as source, closing(sqlite3.connect(tmp_path / "cache.sqlite")) as copy:
        source.backup(copy)
    return settings_of(tmp_path)


def app_of(settings: Settings) -> NumtuiApp:
    return make_app(settings, FixedClock(NOW), start_poller=False, screen="backtest")


def screen(app: NumtuiApp) -> BacktestScreen:
    assert isinstance(app.screen, BacktestScreen)
    return app.screen


async def answer(pilot: Pilot[Any], app: NumtuiApp, key: str, words: str) -> None:
    """Open a prompt with a key, check that it is one, and answer it."""
    await press(pilot, key)
    assert isinstance(app.screen, LinePrompt)
    app.screen.query_one(Input).value = words
    await press(pilot, "enter")


async def test_the_best_cell_and_the_actual_choice_are_told(settings: Settings) -> None:
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        shown = text(app)
        study = screen(app).study
        assert study is not None
        row = study.row("aurora")
        assert row is not None
        assert f"Actual choice: rank {row.actual_rank} of 24" in " ".join(shown.split())
        best = study.best_cell("aurora")
        assert best is not None
        assert f"best {study.cell_text(best)}" in shown
        assert "Only the largest of its proportions: that is leverage; o ranks by" in " ".join(shown.split())
        assert "[+" in shown
        assert "(+" in shown
        assert "Does the past say anything?" in shown
        assert re.search(rf"round +{FIRST}", shown)
        assert str(FIRST + COUNT - 1) in shown


async def test_the_panel_follows_the_cursor_and_the_marks(settings: Settings) -> None:
    app = app_of(settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "space", "p")
        assert screen(app).model == "borealis"
        shown = text(app)
        assert "borealis: best" in shown
        assert "b borealis: terms of each round" in shown
        assert "c aurora: " in shown
        await press(pilot, "p")
        assert "Does the past say anything?" in text(app)
        await press(pilot, "p")
        assert "average NMR" in text(app)


async def test_models_are_chosen(settings: Settings) -> None:
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)

        def names() -> set[str]:
            study = screen(app).study
            assert study is not None
            return set(study.result.models)

        assert names() == {"aurora", "borealis", "cassini", "model_0007"}
        await press(pilot, "m")
        assert names() == {"aurora", "borealis", "cassini"}
        await press(pilot, "m")
        assert names() == {"model_0007"}
        await press(pilot, "m", "g", "space", "j", "space", "M")
        assert len(names()) == 2
        await press(pilot, "m", "slash", *"cass", "enter", "M")
        assert names() == {"cassini"}


async def test_modes(settings: Settings) -> None:
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        seen = []
        for _ in range(10):
            study = screen(app).study
            assert study is not None
            options = study.inputs.query
            seen.append((options.mode, options.matched, options.compound))
            await press(pilot, "o")
        assert seen == [
            *((m, matched, "") for matched in (False, True) for m in ("average", "total", "sharpe", "per_risk")),
            *(("average", False, system) for system in ("v2", "v3")),
        ]


async def test_rounds_terms_and_money_are_typed(settings: Settings) -> None:
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await answer(pilot, app, "n", "1100..1199")
        assert screen(app).study.result.rounds.max() == 100  # type: ignore[union-attr]  # there is one
        assert "thin" in text(app)
        await answer(pilot, app, "x", "bmc=0,1,2 mmc=0..2:1 v2_corr20=1")
        assert screen(app).study.slices == 1  # type: ignore[union-attr]  # there is one
        await answer(pilot, app, "x", "bmc=0,1 mmc=0,1 v2_corr20=0,1,2")
        study = screen(app).study
        assert study is not None
        best = study.best_slice("aurora") + 1
        assert f"v: slice {best} of 3" in text(app)
        assert "[ ] best" in text(app)
        await press(pilot, "v")
        assert f"v: slice {best % 3 + 1} of 3" in text(app)
        assert f"best in slice {best}" in text(app)
        await press(pilot, "V")
        assert f"v: slice {best} of 3" in text(app)
        before = float(str(screen(app).study.row("aurora").total))  # type: ignore[union-attr]  # there is one
        await answer(pilot, app, "b", "stake=10")
        after = float(str(screen(app).study.row("aurora").total))  # type: ignore[union-attr]  # there is one
        assert after == pytest.approx(10 * before)


async def test_a_prompt_says_what_is_wrong_and_stays(settings: Settings) -> None:
    app = app_of(settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        wrong = (("n", "jurassic", "terms-2024"), ("x", "mmc=", "missing"), ("b", "stake=-1", "above 0"))
        for key, words, said in wrong:
            await answer(pilot, app, key, words)
            assert isinstance(app.screen, LinePrompt)
            assert said in text(app)
            await press(pilot, "escape")
        assert screen(app).form == BacktestForm()


async def test_what_cannot_be_computed_is_told_and_the_choices_are_those_of_the_findings(settings: Settings) -> None:
    """A score that nobody has is refused at once; one that is missing in the range only when it is computed."""
    with closing(sqlite3.connect(settings.db)) as connection:
        connection.execute("INSERT INTO score_names (name, version) VALUES ('tc', 'v1')")
        connection.commit()
    app = app_of(settings)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settled(pilot)
        before = screen(app).study
        await answer(pilot, app, "x", "mmcc=1")
        assert isinstance(app.screen, LinePrompt)
        assert "no model here has a score 'mmcc'; there are mmc" in " ".join(text(app).split())
        await press(pilot, "escape")
        await answer(pilot, app, "x", "tc=1")
        assert "no score 'tc' in this range" in " ".join(text(app).split())
        assert screen(app).form == BacktestForm()
        assert screen(app).study is not None
        assert screen(app).study.inputs is before.inputs  # type: ignore[union-attr]  # both there


async def test_choices_are_saved_and_taken_again(settings: Settings) -> None:
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await answer(pilot, app, "n", "mine=1050..1249")
        await press(pilot, "o", "m")
        kept = screen(app).form
        assert kept.query.rounds == "mine"
        await answer(pilot, app, "w", "spring")
        await press(pilot, "o", "m")
        assert screen(app).form != kept
        await answer(pilot, app, "i", "spring")
        assert screen(app).form == kept
    contents = Notes.of(settings).contents()
    (epoch,), (preset,) = contents.epochs, contents.presets
    assert (epoch.tournament, epoch.name, epoch.first, epoch.last) == ("classic", "mine", 1050, 1249)
    assert BacktestForm(BacktestQuery.from_json(preset.value)) == kept
    assert json.loads(preset.value)["rounds"] == "mine"


async def test_cells_are_listed_and_exported(settings: Settings, tmp_path: Path) -> None:
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "a")
        assert where(app) == "Backtest › cells"
        assert len(screen(app).table.source) == 4 * 24
        await press(pilot, "slash", *"rank=1", "enter")
        assert len(screen(app).table.source) == 4
        await press(pilot, "e")
        app.screen.query_one(Input).value = str(tmp_path / "best.csv")
        await press(pilot, "enter")
    lines = (tmp_path / "best.csv").read_text().splitlines()
    assert lines[0].startswith("model,v2_corr20,mmc,rounds,skipped,total")
    assert len(lines) == 5


async def test_why_there_is_nothing(settings: Settings, tmp_path: Path) -> None:
    app = app_of(settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await answer(pilot, app, "n", "1..10")
        assert "no final score in this range" in text(app)
        await press(pilot, "t")
        assert "nothing in the cache" in text(app)
        await press(pilot, "t", "t")
        assert screen(app).form == BacktestForm().with_rounds("1..10"), "each tournament keeps its choices"
        assert "no final score in this range" in text(app)
        await answer(pilot, app, "n", "all")
        assert "aurora: best" in text(app)


async def test_a_discrepancy_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "spoilt"
    folder.mkdir()
    fill(folder / "cache.sqlite", paid=Decimal("0.25"))
    app = app_of(settings_of(folder))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert "1 of 1 settled payouts differ from the formula" in text(app)


async def test_keys_work_while_a_large_grid_is_computed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The computation waits at a gate in its thread: the cursor moves, and a newer choice supersedes it."""
    gate, begun, real = threading.Event(), threading.Event(), computation.compute

    def held(*arguments: Any) -> Any:
        if "0..2" in arguments[2].terms_text:
            begun.set()
            assert gate.wait(30)
        return real(*arguments)

    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        monkeypatch.setattr(screen_module, "compute", held)
        before = screen(app).study
        await press(pilot, "x")
        app.screen.query_one(Input).value = "v2_corr20=0..2:0.04 mmc=0..2:0.04"
        await worked(pilot, "enter")
        await asyncio.to_thread(begun.wait, 30)
        await worked(pilot, "j", "j")
        assert screen(app).table.cursor == 2
        assert "working" in text(app)
        assert screen(app).study is before
        await worked(pilot, "o")
        gate.set()
        await settled(pilot)
        study = screen(app).study
        assert study is not None
        assert study.inputs.query.mode == "total"
        assert len(study.inputs.cells) == 51 * 51 - 1


async def test_esc_stops_a_computation(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The choices are those of the findings again, and the thread learns that nobody waits any more."""
    gate, begun, stopped, real = threading.Event(), threading.Event(), threading.Event(), computation.compute

    def held(settings: Settings, tournament: Any, query: BacktestQuery, progress: Callable[[float], None]) -> Any:
        if query.stake != 7:
            return real(settings, tournament, query, progress)
        progress(0.5)
        begun.set()
        assert gate.wait(30)
        try:
            return real(settings, tournament, query, progress)
        except StoppedError:
            stopped.set()
            raise

    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        monkeypatch.setattr(screen_module, "compute", held)
        before = screen(app).study
        await press(pilot, "b")
        app.screen.query_one(Input).value = "stake=7"
        await worked(pilot, "enter")
        await asyncio.to_thread(begun.wait, 30)
        await until(pilot, lambda: "working 50%, esc stops" in text(app))
        await worked(pilot, "escape")
        assert "working" not in text(app)
        assert screen(app).form == BacktestForm()
        gate.set()
        await settled(pilot)
        await until(pilot, stopped.is_set)
        assert screen(app).study is before


async def test_curves_of_chosen_cells(settings: Settings) -> None:
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "a")
        study, shown = screen(app).study, text(app)
        assert study is not None
        best = study.best_cell("aurora")
        assert best is not None
        assert f"aurora: best {study.cell_text(best)}" in " ".join(shown.split())
        assert f"a aurora: {study.cell_text(best)}" in shown
        assert "b aurora: terms of each round" in shown
        await press(pilot, "j", "j", "space")
        row = screen(app).table.current
        assert row is not None
        shown = " ".join(text(app).split())
        assert "rank 4 of 24, behind by +" in shown
        assert "Best: " in shown
        curves = [name for name in "abcd" if f" {name} aurora: " in text(app)]
        assert curves == ["a", "b", "c", "d"], "the cursor's cell, the best, the actual choice, the marked one"
        await answer(pilot, app, "x", "mmc=0,1")
        assert not screen(app).table.marks, "they were places in the old grid"
        assert "mmc" in text(app)


async def test_the_actual_curve_is_that_of_the_same_rounds(settings: Settings) -> None:
    """The actual choice is a cell of this grid: both curves end at the same NMR, and with the same rounds missing."""
    with closing(sqlite3.connect(settings.db)) as connection:
        connection.execute("DELETE FROM latest WHERE round < ? AND score = 1", (FIRST + 20,))
        connection.commit()
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await answer(pilot, app, "x", "v2_corr20=0.75 mmc=2.25")
        study = screen(app).study
        assert study is not None
        best, actual = study.curve("aurora"), study.curve("aurora", ACTUAL_CELL)
        assert best is not None and actual is not None
        assert best.rounds == actual.rounds
        assert actual.values == pytest.approx(best.values)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_without_a_grid_there_is_only_what_has_a_meaning(settings: Settings, size: tuple[int, int]) -> None:
    """By the terms of each round nothing is best, common or actual; words and curves stand apart."""
    app = app_of(settings)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await answer(pilot, app, "x", "actual")
        lines = text(app).splitlines()
        study = screen(app).study
        assert study is not None
        columns = study.ranking.columns
        shown = layout_of("models", study.ranking, "average", has_grid=False).places(columns, set())
        names = {columns[place].name for places in shown for place in places}
        assert {"rank", "model", "average", "average_p05", "rank_p05", "matched_average", "settled"} <= names
        assert not {name for name in names if name.startswith(("best", "common", "actual", "leverage", "cells"))}
        assert max(map(len, lines)) <= size[0]
        assert "aurora: the terms of each round, +" in text(app)
        plot = next(number for number, line in enumerate(lines) if "+" in line and any(map(braille, line)))
        end = next(number for number, line in enumerate(lines) if re.search(rf"round +{FIRST}", line))
        if size[0] == 120:
            for line in lines[plot:end]:
                assert not line[58:61].strip(), line
        for line in lines[plot:end]:
            first = next((column for column, letter in enumerate(line) if braille(letter) or letter == "┄"), 1)
            assert line[first - 1] in " │┤", "the curve begins at the axis, not in its labels"


def braille(letter: str) -> bool:
    return 0x2800 < ord(letter) < 0x2900


async def test_modes_bring_their_own_figures(settings: Settings) -> None:
    """Cells that differ by leverage only are marked on the map by a ratio, and no amount is hidden in it."""
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await answer(pilot, app, "x", "v2_corr20=0.1,0.2 mmc=0.2,0.4")
        await press(pilot, "o", "o", "o", "dollar_sign")
        study, shown = screen(app).study, text(app)
        assert study is not None
        assert study.result.mode == "per_risk"
        heat = study.heat("aurora", 0)
        assert heat is not None
        assert heat.alike
        assert "= the best but for leverage" in " ".join(shown.split())
        assert "mean / -CVaR 5 %" in shown
        assert any("=+" in line for line in shown.splitlines())
        assert study.leverage("aurora") is None
        assert "matched per risk" in shown
        await press(pilot, "a")
        assert text(app).index("per risk") < text(app).index("proportions")


async def test_windows_of_the_walk_are_typed(settings: Settings) -> None:
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await answer(pilot, app, "b", "length=48 gap=30")
        await press(pilot, "p")
        assert "choose on 48 rounds, leave out 30, measure on 24" in " ".join(text(app).split())
        assert "length 48, gap 30" in text(app)
        assert "to nothing" in text(app)
        await answer(pilot, app, "b", "gap=3")
        assert "a gap of 3 rounds is shorter than the 24" in " ".join(text(app).split())
        await answer(pilot, app, "b", "gap=soon")
        assert isinstance(app.screen, LinePrompt)
        assert "gap: 'soon' is not a number of rounds" in text(app)


async def test_what_is_kept_belongs_to_a_tournament_and_can_be_taken_away(settings: Settings) -> None:
    app = app_of(settings)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settled(pilot)
        await answer(pilot, app, "n", "tc=1050..1249")
        assert "'tc' has a meaning already" in text(app)
        await press(pilot, "escape")
        await answer(pilot, app, "n", "mine=1050..1249")
        await answer(pilot, app, "w", "spring")
        await press(pilot, "t", "i")
        assert not isinstance(app.screen, LinePrompt), "nothing was saved in Signals"
        assert "No choices are saved yet" in text(app)
        await press(pilot, "t", "t")
        assert screen(app).form.query.rounds == "mine"
        await answer(pilot, app, "w", "summer=")
        assert "nothing is saved as 'summer'; there are spring" in text(app)
        await press(pilot, "escape")
        await answer(pilot, app, "w", "spring=")
        await answer(pilot, app, "n", "mine=")
        assert screen(app).form.query.rounds == "all"
    with closing(sqlite3.connect(settings.db)) as connection:
        assert connection.execute(
            "SELECT (SELECT count(*) FROM epochs) + (SELECT count(*) FROM presets)"
        ).fetchone() == (0,)


async def test_a_write_to_the_cache_is_followed(settings: Settings) -> None:
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        with closing(sqlite3.connect(settings.db)) as connection:
            connection.execute("UPDATE models SET watched = 0")
            connection.execute("UPDATE changes SET version = version + 1 WHERE name = 'models'")
            connection.commit()
        app.look()
        await settled(pilot)
        assert "model_0007" not in screen(app).study.result.models  # type: ignore[union-attr]  # there is one


async def test_hidden_balances_hide_amounts(settings: Settings) -> None:
    app = app_of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "dollar_sign")
        study = screen(app).study
        assert study is not None
        total = float(str(study.row("aurora").total))  # type: ignore[union-attr]
        assert f"{total:+.2f}" not in text(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("keys", [(), ("p",), ("p", "p"), ("a",)], ids=["heatmap", "curves", "words", "cells"])
def test_pictures(snap_compare: Compare, settings: Settings, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    assert pictured(snap_compare, settings, size, *keys)


@pytest.mark.parametrize("change", [{"no_color": True}, {"ascii": True}], ids=["no_colour", "ascii"])
@pytest.mark.parametrize("keys", [("j",), ("p",)], ids=["heatmap", "curves"])
def test_plain_pictures(
    snap_compare: Compare, settings: Settings, change: dict[str, bool], keys: tuple[str, ...]
) -> None:
    assert pictured(snap_compare, replace(settings, **change), (80, 24), *keys)  # type: ignore[arg-type]  # flags


def pictured(snap_compare: Compare, settings: Settings, size: tuple[int, int], *keys: str) -> bool:
    async def before(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await press(pilot, *keys)

    return snap_compare(app_of(settings), terminal_size=size, run_before=before)
