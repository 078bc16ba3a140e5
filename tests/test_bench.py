"""The benches' runner: what it knows, and that a figure is taken and told. How large they are is no test's matter."""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.bench import bench_store, figure
from tests.bench.figure import SPECS, Figure, Spec, at_least
from tests.bench.run import BEGIN, END, HEADINGS, README, Outcome, as_json, as_markdown, as_text, benches, measured, run

KEYS = {
    "first_frame_ratio", "version_ratio", "start_bytes", "key_median_ms", "key_worst_ms", "page_down_bytes",
    "idle_bytes", "tui_memory_mb", "poller_memory_mb", "sync_usable_ratio", "sync_full_ratio", "sync_usable_s",
    "poll_incremental_s",
    "db_bytes_per_score", "drift_read_s", "drift_compute_s", "grid_ratio", "grid_2500_s", "coverage_min",
    "coverage_max", "export_rows_per_s",
}  # fmt: skip


def test_every_figure_is_known_and_has_its_bench() -> None:
    assert set(SPECS) >= KEYS
    assert [name for name in benches([]) if not callable(import_module(f"tests.bench.bench_{name}").figures)] == []


def test_a_bench_is_named_by_itself_or_by_its_figure() -> None:
    assert benches(["drift_read_s", "store"]) == ["store", "drift_report"]
    with pytest.raises(KeyError, match="speed"):
        benches(["speed"])


def test_a_figure_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in (("MODELS", 3), ("ROUNDS", 10)):
        monkeypatch.setattr(bench_store, name, few)
    figures = measured("store")
    assert figures["db_bytes_per_score"].value > 0


def test_a_bench_that_fails_takes_none_of_the_others_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    specs = {"lost": Spec("lost", "no such bench", "s", at_least(1)), "still": Spec("figure", "no figures either")}
    monkeypatch.setattr(figure, "SPECS", specs)
    monkeypatch.setattr("tests.bench.run.SPECS", specs)
    outcome = run()
    assert "bench_lost" in outcome.failed["lost"]
    assert set(outcome.failed) == {"lost", "still"}
    assert "not taken: ModuleNotFoundError" in as_text(outcome)


def test_the_table_holds_both_sides_and_the_goal() -> None:
    outcome = Outcome({"grid_ratio": Figure(120.0, 10.0, 1200.0, "ms", "a script")}, {"drift_read_s": "no disk"})
    *_, grid = as_text(outcome).splitlines()
    assert grid.split("  ")[1:] != []
    for part in ("10 ms", "a script 1,200 ms", "120 times", "at least 100 times", "yes"):
        assert part in grid
    assert as_json(outcome)["grid_ratio"] == 120.0
    assert as_json(outcome)["drift_read_s"] is None
    assert "not taken: no disk" in as_markdown(outcome)


def test_the_readme_has_a_place_for_the_table() -> None:
    part = README.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert f"| {' | '.join(HEADINGS)} |" in part
