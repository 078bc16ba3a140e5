"""The recorded scores beside the project, where they are there: for oracles only, never copied in."""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from numtui.analysis.arrays import Floats, Ints

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

needs_shared = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded scores are not here")


@lru_cache(maxsize=1)
def recorded() -> tuple[list[str], Ints, Floats]:
    """Models, rounds [R] and scores [M, R, 2] (canon_corr, canon_mmc) of the recorded file, NaN where there is none."""
    values: dict[str, dict[int, list[float]]] = defaultdict(dict)
    for row in rows("classic_scores_843_1100.csv"):
        values[row["model"]][int(row["round"])] = [float(row[s] or "nan") for s in ("canon_corr", "canon_mmc")]
    models, rounds = sorted(values), np.arange(843, 1101)
    missing = [np.nan, np.nan]
    return models, rounds, np.array([[values[m].get(int(r), missing) for r in rounds] for m in models])


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one shared CSV file as text."""
    with (DATA / name).open(newline="") as file:
        return list(csv.DictReader(file))
