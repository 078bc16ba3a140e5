"""`numtui.open()` in a notebook: the tables of the exports, their options as keywords, and nothing loaded for it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import numtui
from numtui.cli.main import main
from numtui.clock import VARIABLE
from numtui.errors import NumtuiError
from numtui.export import to_text
from numtui.export.cache import NotCached, open_cache
from numtui.export.options import OptionError
from numtui.export.tables import TABLES
from numtui.model import Kind, Tournament
from tests.export.conftest import Polled
from tests.export.conftest import polled as polled  # noqa: PLC0414  a fixture

Call = Callable[[numtui.Cache], Any]
HEAVY = ("textual", "httpx", "pandas", "numerapi", "sqlite_utils", "click", "numpy")

CALLS: list[tuple[str, Call]] = [
    ("leaderboard", lambda cache: cache.leaderboard()),
    ("accounts", lambda cache: cache.accounts()),
    ("leaderboard --tournament signals", lambda cache: cache.leaderboard(tournament="signals")),
    ("models", lambda cache: cache.models()),
    ("models --mine", lambda cache: cache.models(mine=True)),
    ("models --watched", lambda cache: cache.models(watched=True)),
    ("rounds", lambda cache: cache.rounds()),
    ("rounds --rounds 1390.. --unresolved", lambda cache: cache.rounds(rounds="1390..", unresolved=True)),
    ("rounds --resolved", lambda cache: cache.rounds(resolved=True)),
    ("scores --rounds 1400..1402", lambda cache: cache.scores(rounds=(1400, 1402))),
    (
        "scores --models demo_anchor,DEMO_BREEZE --rounds 1390..1395",
        lambda cache: cache.scores(models=["demo_anchor", "DEMO_BREEZE"], rounds="1390..1395"),
    ),
    ("scores --latest --rounds 1400", lambda cache: cache.scores(latest=True, rounds=1400)),
    ("drift", lambda cache: cache.drift()),
    ("drift --forecast", lambda cache: cache.drift(forecast=True)),
    ("drift --total", lambda cache: cache.drift(total=True)),
    ("backtest", lambda cache: cache.backtest()),
    (
        "backtest --grid mmc=0,1 --stake 2.5 --mode average --mine",
        lambda cache: cache.backtest(grid="mmc=0,1", stake=Decimal("2.50"), mode="average", mine=True),
    ),
    (
        "backtest --predictive --length 30 --gap 24",
        lambda cache: cache.backtest(predictive=True, length=30, gap=24),
    ),
    (
        "backtest --payout-factor 0.2 --clip 0.05 --include-unresolved --matched",
        lambda cache: cache.backtest(payout_factor=0.2, clip="0.05", include_unresolved=True, matched=True),
    ),
    ("ranking --grid mmc=0,2", lambda cache: cache.ranking(grid=["mmc=0,2"])),
    ("risk", lambda cache: cache.risk()),
    ("payouts", lambda cache: cache.payouts()),
    ("payouts --models demo_anchor", lambda cache: cache.payouts(models="demo_anchor")),
    ("stakes", lambda cache: cache.stakes()),
]


@pytest.fixture(autouse=True)
def environment(polled: Polled, monkeypatch: pytest.MonkeyPatch) -> None:
    """Command and notebook find the same cache, at the same moment."""
    monkeypatch.setenv(VARIABLE, f"fixed {polled.site.clock.now().isoformat()}")
    monkeypatch.setenv("NUMTUI_DB", str(polled.settings.db))
    monkeypatch.setenv("NUMTUI_STATE_DIR", str(polled.settings.state_dir))


@pytest.fixture
def cache(polled: Polled) -> Iterator[numtui.Cache]:
    with numtui.open(polled.settings.db) as cache:
        yield cache


@pytest.mark.parametrize(("command", "call"), CALLS, ids=[command for command, _ in CALLS])
def test_a_table_is_the_export_s(cache: numtui.Cache, command: str, call: Call) -> None:
    words = command.split()
    before: list[str] = []
    if "--tournament" in words:
        place = words.index("--tournament")
        before, words = words[place : place + 2], words[:place]
    result = CliRunner().invoke(main, [*before, "export", *words, "--offline"])
    assert result.exit_code == 0, result.stderr
    assert to_text(call(cache)) == result.stdout


def test_every_export_of_the_cache_is_a_method() -> None:
    for name in TABLES:
        assert getattr(numtui.Cache, name).__doc__


def test_an_epoch_is_its_rounds(cache: numtui.Cache) -> None:
    assert to_text(cache.rounds(epoch="1390..1392")) == to_text(cache.rounds(rounds="1390..1392"))
    assert cache.rounds(rounds="1390..1392").to_pandas()["round"].tolist() == [1392, 1391, 1390]


def test_a_frame_has_the_exported_columns_and_exact_money(cache: numtui.Cache) -> None:
    table = cache.stakes(mine=True)
    frame = table.to_pandas()
    assert list(frame.columns) == [column.name for _, column in table.exported()]
    assert all(isinstance(amount, Decimal) for amount in frame["stake"])
    progress = cache.rounds()
    assert progress.columns[2].kind is Kind.BAR
    assert "progress" not in progress.to_pandas()


def test_a_table_can_be_read_twice(cache: numtui.Cache) -> None:
    table = cache.scores(rounds=1400)
    assert to_text(table) == to_text(table)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda cache: cache.rounds(resolved=True, unresolved=True), "resolved and unresolved exclude each other"),
        (lambda cache: cache.drift(forecast=True, total=True), "forecast and total exclude each other"),
        (lambda cache: cache.scores(epoch="x", rounds="1..2"), "epoch and rounds exclude each other"),
        (lambda cache: cache.scores(rounds="late"), "'late' is no range of rounds"),
        (lambda cache: cache.scores(epoch="nowhere"), "nowhere"),
        (lambda cache: cache.scores(models=[]), "names no model"),
        (lambda cache: cache.rounds(tournament="chess"), "no tournament 'chess'"),
        (lambda cache: cache.backtest(stake=-1), "stake: -1 must be above 0"),
        (lambda cache: cache.backtest(payout_factor="much"), "payout_factor: 'much' is not a number, or actual"),
        (lambda cache: cache.backtest(length=5), "length and gap are for predictive=True"),
        (lambda cache: cache.backtest(predictive=True, compound="v2"), "compound is not for predictive=True"),
    ],
)
def test_an_option_that_means_nothing_is_said_in_a_line(cache: numtui.Cache, call: Call, words: str) -> None:
    with pytest.raises(NumtuiError, match=words) as caught:
        call(cache)
    assert isinstance(caught.value, ValueError)


def test_a_keyword_that_a_table_does_not_have_is_a_type_error(cache: numtui.Cache) -> None:
    with pytest.raises(TypeError, match=r"rounds\(\) got an unexpected keyword argument 'grid'"):
        cache.rounds(grid="mmc=1")  # type: ignore[call-arg]


def test_models_that_are_not_here_are_named(cache: numtui.Cache) -> None:
    with pytest.raises(NotCached, match="not in the cache: nobody"):
        cache.scores(models=["demo_anchor", "nobody"])
    with pytest.raises(NotCached, match="no such models in the cache of crypto"):
        cache.scores(tournament="crypto", watched=True)


def test_it_reads_only(cache: numtui.Cache) -> None:
    with pytest.raises(Exception, match="readonly"):
        cache.connection.execute("DELETE FROM rounds")


def test_environment_and_settings_file_say_where_the_cache_is(
    polled: Polled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with numtui.open() as cache:
        assert cache.settings.db == polled.settings.db
        assert cache.settings.tournament is Tournament.CLASSIC
    file = tmp_path / "numtui.toml"
    file.write_text(
        f'db = {json.dumps(str(polled.settings.db))}\ntournament = "signals"\n[epochs.signals]\nlate = "1390.."\n'
    )
    monkeypatch.setenv("NUMTUI_CONFIG", str(file))
    monkeypatch.delenv("NUMTUI_DB")
    with open_cache() as cache:
        assert (cache.settings.db, cache.settings.tournament) == (polled.settings.db, Tournament.SIGNALS)
        assert cache.context(epoch="late").rounds.first == 1390
    with open_cache(tournament="classic") as cache:
        assert cache.settings.tournament is Tournament.CLASSIC
    with pytest.raises(OptionError, match="no tournament"):
        open_cache(tournament="chess")


def test_no_cache_is_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(NumtuiError, match="there is no cache"):
        numtui.open(tmp_path / "none.sqlite")


SCRIPT = """
import json, sys
import numtui
first = set(sys.modules)
with numtui.open(sys.argv[1]) as cache:
    for name in ("leaderboard", "models", "rounds", "payouts", "stakes"):
        list(getattr(cache, name)().rows)
    cache.scores(rounds=1400)
    read = set(sys.modules)
    cache.drift()
    cache.risk()
    analysed = set(sys.modules)
    cache.rounds().to_pandas()
stages = (first, read, analysed, sys.modules)
print(json.dumps([[name for name in sys.argv[2:] if name in loaded] for loaded in stages]))
print(len([name for name in first if name.startswith("numtui")]))
"""


def test_nothing_is_loaded_that_is_not_used(polled: Polled) -> None:
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(polled.settings.db), *HEAVY],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    loaded, own = result.stdout.splitlines()
    first, read, analysed, framed = json.loads(loaded)
    assert (first, own) == ([], "2")  # the package and its version
    assert read == []
    assert analysed == ["numpy"]
    assert framed == ["pandas", "numpy"]


def test_what_there_is_is_listed() -> None:
    assert {"Cache", "open", "__version__"} <= set(dir(numtui))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        numtui.nothing  # noqa: B018
