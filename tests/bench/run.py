"""Runs benches, each in a process of its own, and tells what came out: as a table, as JSON, in the README."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from tests.bench.figure import SPECS, Figure, Spec

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- made by tests.bench -->", "<!-- end of tests.bench -->"
HEADINGS = ("figure", "ours", "beside it", "ratio", "goal", "met")


class Outcome(NamedTuple):
    """The figures of a run by key, and for a key without one the reason."""

    figures: Mapping[str, Figure]
    failed: Mapping[str, str]


def benches(names: Iterable[str]) -> list[str]:
    """The benches of these names, which may be figures' too; all without names. KeyError names one that is neither."""
    known = list(dict.fromkeys(spec.bench for spec in SPECS.values()))
    wanted = set()
    for name in names:
        bench = SPECS[name].bench if name in SPECS else name
        if bench not in known:
            raise KeyError(name)
        wanted.add(bench)
    return [bench for bench in known if bench in wanted or not wanted]


def measured(bench: str) -> dict[str, Figure]:
    """The figures that a bench takes."""
    return dict(import_module(f"tests.bench.bench_{bench}").figures())


def run(names: Sequence[str] = (), say: Callable[[str], None] = lambda line: None) -> Outcome:
    """Take the figures of these benches, of all without names. One that fails takes none of the others with it."""
    figures: dict[str, Figure] = {}
    failed: dict[str, str] = {}
    for bench in benches(names):
        say(f"{bench} ...")
        reason = "it gave no figure of this name"
        try:
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                figures |= process.submit(measured, bench).result()
        except Exception as error:  # noqa: BLE001  of whatever kind: it is said in the figure's place
            traceback.print_exc(file=sys.stderr)
            reason = f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
        failed |= {key: reason for key, spec in SPECS.items() if spec.bench == bench and key not in figures}
    return Outcome(figures, failed)


def as_json(outcome: Outcome) -> dict[str, object]:
    """The values by key (null: not taken), both sides of comparisons, the reasons, and where it ran."""
    values: dict[str, object] = {key: figure.value for key, figure in outcome.figures.items()}
    return {
        **values,
        **dict.fromkeys(outcome.failed),
        "sides": {
            key: {"ours": figure.ours, "beside": figure.beside, "unit": figure.unit, "peer": figure.peer}
            for key, figure in outcome.figures.items()
            if figure.beside is not None
        },
        "not_taken": dict(outcome.failed),
        "date": date.today().isoformat(),
        "machine": machine(),
    }


def machine() -> str:
    """The class of this machine: `2 cores, Linux, Python 3.11`."""
    python = ".".join(platform.python_version_tuple()[:2])
    return f"{os.cpu_count()} cores, {platform.system()}, Python {python}"


def rows(outcome: Outcome) -> Iterator[tuple[str, ...]]:
    """The table's rows under `HEADINGS`, in the order of `SPECS`."""
    for key, spec in SPECS.items():
        name = f"{key}: {spec.words}"
        if key in outcome.figures:
            yield (name, *_cells(spec, outcome.figures[key]), _goal(spec), _met(spec, outcome.figures[key].value))
        elif key in outcome.failed:
            yield name, f"not taken: {outcome.failed[key]}", "", "", _goal(spec), "no" if spec.goal else ""


def _cells(spec: Spec, figure: Figure) -> tuple[str, str, str]:
    if figure.ours is None or figure.beside is None:
        return amount(figure.value, spec.unit), "", ""
    ratio = figure.value if spec.unit == "times" else figure.beside / figure.ours
    ours, beside = amount(figure.ours, figure.unit), amount(figure.beside, figure.unit)
    return ours, f"{figure.peer} {beside}", amount(ratio, "times")


def _goal(spec: Spec) -> str:
    if spec.goal is None:
        return ""
    return f"at {spec.goal.sense[3:]} {amount(spec.goal.bound, spec.unit)}"


def _met(spec: Spec, value: float) -> str:
    return "" if spec.goal is None else "yes" if spec.goal.met(value) else "no"


def amount(value: float, unit: str) -> str:
    """A value to three digits with its unit; a share without unit as it is."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:.3f}" if not unit else f"{value:,.{digits}f}"
    if "." in text and unit:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {unit}".rstrip()


def as_text(outcome: Outcome) -> str:
    """The table for a terminal."""
    lines = [HEADINGS, *rows(outcome)]
    widths = [max(len(line[place]) for line in lines if not line[1].startswith("not taken")) for place in range(6)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def as_markdown(outcome: Outcome) -> str:
    """The table for the README, with the day and the class of machine."""
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows(outcome))
    day = f"{date.today():%d %B %Y}".lstrip("0")
    taken = f"Taken on {day} ({machine()}) by `python -m tests.bench --readme`, peers and floors in the same run."
    return f"{BEGIN}\n\n{taken}\n\n| {' | '.join(HEADINGS)} |\n{'|---' * len(HEADINGS)}|\n{table}\n\n{END}"


def write_readme(outcome: Outcome) -> None:
    """Put the table into its marked part of the README."""
    text = README.read_text(encoding="utf-8")
    before, after = text[: text.index(BEGIN)], text[text.index(END) + len(END) :]
    README.write_text(before + as_markdown(outcome) + after, encoding="utf-8")
