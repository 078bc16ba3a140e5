"""Recorded scores of real models, served by the other server, through the whole program."""

from __future__ import annotations

import statistics
from decimal import Decimal
from pathlib import Path

from .conftest import MakeScene
from .other_market import CLASSIC
from .other_recorded import RecordedTournament, recorded_market


def test_recorded_scores_come_out_as_they_were(scene: MakeScene, shared_data: Path) -> None:
    made = scene(of=recorded_market(shared_data / "classic_scores_843_1100.csv"), keys=False)
    of = made.market.tournaments[CLASSIC]
    assert isinstance(of, RecordedTournament)
    names = ",".join(model.name for model in of.field)
    rows = made.program.export("scores", "--models", names, "--rounds", "843..1100").rows
    scores = {
        (row["model"], int(row["round"]), row["score"]): (float(row["value"]), float(row["percentile"])) for row in rows
    }
    wanted = {}
    for (model, number), row in of.recorded.items():
        for score, value, percentile in (
            ("canon_corr", "canon_corr", "corr_percentile"),
            ("canon_mmc", "canon_mmc", "mmc_percentile"),
        ):
            if row[value]:
                wanted[model, number, score] = (float(row[value]), float(row[percentile]))
    assert scores == wanted
    assert len(rows) == len(wanted)
    assert {row["resolved"] for row in rows} == {"true"}
    latest = made.program.export("scores", "--models", names, "--latest", "--offline").rows
    assert len(latest) == len(wanted)
    rounds = made.program.export("rounds", "--offline", "--resolved").rows
    assert [int(row["round"]) for row in rounds] == list(reversed(of.numbers))


def test_recorded_scores_have_the_figures_of_the_file(scene: MakeScene, shared_data: Path) -> None:
    """The mean of each model's scores as it was worked out elsewhere."""
    made = scene(of=recorded_market(shared_data / "classic_scores_843_1100.csv"), keys=False)
    lines = (shared_data / "expected_risk_0.75_2.25.csv").read_text().splitlines()
    expected = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    rows = made.program.export("scores", "--models", expected["model"]).rows
    for score in ("canon_corr", "canon_mmc"):
        values = [float(row["value"]) for row in rows if row["score"] == score]
        assert len(values) == int(expected["rounds"])
        assert abs(statistics.fmean(values) - float(expected[f"mean_{score}"])) < 1e-12


def test_settled_payouts_of_recorded_scores(scene: MakeScene, shared_data: Path) -> None:
    made = scene(of=recorded_market(shared_data / "classic_scores_843_1100.csv"), keys=False)
    of = made.market.tournaments[CLASSIC]
    model = of.field[0]
    made.program.export("scores", "--models", model.name)
    rows = made.program.export("rounds", "--models", model.name, "--offline").rows
    for row in rows:
        parts = of.payouts(model, of.rounds[int(row["round"])])
        assert Decimal(row["settled"] or 0) == sum(parts.values(), Decimal(0))
    assert any(Decimal(row["settled"] or 0) < 0 for row in rows)
