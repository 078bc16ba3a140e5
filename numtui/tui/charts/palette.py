"""The colours of every chart by what they mean, from the theme in force: with all colours, 16, or none."""

from __future__ import annotations

from enum import Enum
from typing import Any

from textual.app import App

LINE = "line"  # what the chart is about
OTHERS = ("other1", "other2", "other3", "other4", "other5")  # curves beside it, in this order
EXPECTED, EDGE, INNER_EDGE = "expected", "edge", "inner_edge"  # of a forecast: its mean, its quantiles
OUTER, INNER = "outer", "inner"  # the ground between two quantiles
AXIS, MARKER = "axis", "marker"
GAIN, LOSS, MUTED = "gain", "loss", "muted"

LINES = {
    LINE: "bold $accent",
    "other1": "bold $text-primary",
    "other2": "bold $text-success",
    "other3": "bold $text-error",
    "other4": "bold $foreground",
    "other5": "bold $text-secondary",
    EXPECTED: "bold $text-warning",
    EDGE: "$foreground-disabled",
    INNER_EDGE: "$foreground-muted",
    AXIS: "$foreground-muted",
    MARKER: "$foreground-disabled",
    GAIN: "$text-success",
    LOSS: "$text-error",
    MUTED: "$foreground-disabled",
}
GROUNDS = {OUTER: "on $surface", INNER: "on $panel"}


class Colours(Enum):
    """What a terminal has: all colours, its own 16, or none."""

    ALL = "all"
    FEW = "few"
    NONE = "none"


def ground_style(role: str, colours: Colours) -> str:
    """The ground behind a band; none where there are not all colours: the edges alone say it."""
    return GROUNDS[role] if colours is Colours.ALL else ""


def colours_of(app: App[Any]) -> Colours:
    """The colours that an app has."""
    if app.no_color:
        return Colours.NONE
    return Colours.FEW if app.theme.startswith("ansi") else Colours.ALL
