"""Damaged caches: set aside, never deleted, rebuilt with what the user made."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from numtui.analysis.alerts.findings import Identity
from numtui.analysis.alerts.states import Alert, Change, State
from numtui.model import Tournament
from numtui.store.database import open_reader, open_writer, transaction
from numtui.store.errors import DamagedDatabase, ForeignDatabase
from numtui.store.queries.alerts import alerts, outbox_size, screen_rules
from numtui.store.queries.meta import get_meta
from numtui.store.repair import close_sound, open_sound
from numtui.store.writes.alerts import add_rule, put_changes
from numtui.store.writes.models import ModelRow, put_models, set_watched
from numtui.store.writes.rounds import score_ids
from numtui.store.writes.scores import put_scores
from tests.by_day import score_days
from tests.store.old_cache import add_note

from .former import former_cache, insert_scores

AT = datetime(2026, 11, 21, 13, tzinfo=UTC)
PAGE = 4096


def filled(path: Path) -> None:
    """A cache with scores enough for damage in the middle, and with all that is to be saved."""
    connection = open_writer(path)
    for number in range(300):
        add_note(connection, f"note {number} " + "x" * 100, AT)
    connection.execute("INSERT INTO epochs VALUES (8, 'retrained', 1300, NULL)")
    connection.execute("INSERT INTO presets VALUES ('backtest', 'mine', '{}')")
    models = put_models(connection, Tournament.CLASSIC, [ModelRow("first"), ModelRow("seen"), ModelRow("last")])
    set_watched(connection, Tournament.CLASSIC, "seen", True)
    score = score_ids(connection, [("corr60", "1")])["corr60", "1"]
    put_scores(
        connection,
        [
            score_days(models["seen"], number, score, 0, [(day, 0.1, 0.5) for day in range(1, 61)])
            for number in range(50)
        ],
    )
    connection.execute("UPDATE models SET synced_time = ?", (AT,))
    for model in (models["seen"], 99):
        connection.execute("INSERT INTO forecasts (model, round, day, time) VALUES (?, 1, 1, ?)", (model, AT))
    connection.execute("INSERT INTO rank_history VALUES (8, 'model', 'seen', '2026-11-20', 3, '1.5')")
    put_alert(connection)
    connection.close()


def put_alert(connection: sqlite3.Connection) -> None:
    """An alert that is to be told, and a rule made on screen."""
    identity = Identity("drawdown", Tournament.CLASSIC, "seen", "")
    alert = Alert(identity, "drawdown", State.FIRING, AT, AT, "below its peak")
    put_changes(connection, [Change(alert, None)], AT, channels=["command"])
    add_rule(connection, '{"rule": "drawdown"}', AT)


def overwrite(path: Path, start: int, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * size)


def root_page(path: Path, table: str) -> int:
    connection = sqlite3.connect(path)
    page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    connection.close()
    return int(page)


def all_saved(connection: sqlite3.Connection) -> None:
    assert connection.execute("SELECT count(*), max(text) FROM notes").fetchone() == (300, "note 99 " + "x" * 100)
    assert connection.execute("SELECT name, first, last FROM epochs").fetchall() == [("retrained", 1300, None)]
    assert connection.execute("SELECT kind, name, value FROM presets").fetchall() == [("backtest", "mine", "{}")]
    (alert,) = alerts(connection)
    assert (alert.text, alert.state) == ("below its peak", State.FIRING)
    assert outbox_size(connection) == 1, "what is to be told is not forgotten"
    assert [rule.content for rule in screen_rules(connection)] == ['{"rule": "drawdown"}']
    assert connection.execute("SELECT name, rank, nmr_staked FROM rank_history").fetchall() == [("seen", 3, "1.5")]
    watched = connection.execute("SELECT model, name, synced_time FROM models WHERE watched = 1").fetchall()
    assert [(name, synced) for _, name, synced in watched] == [("seen", None)], "its history has to be fetched again"
    forecasts = connection.execute("SELECT model FROM forecasts").fetchall()
    assert forecasts == [(watched[0][0],)], "a forecast of an unknown model would become the next model's"


def test_a_sound_cache_stays(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    filled(path)
    connection, rebuilt = open_sound(path, AT)
    assert rebuilt is None
    assert get_meta(connection, "open") is not None
    close_sound(connection)
    with open_reader(path) as reader:
        assert get_meta(reader, "open") is None


@pytest.mark.parametrize(("start", "size"), [(0, 100), (0, PAGE), (16, 4)])
def test_a_lost_header_costs_nothing_that_the_user_made(tmp_path: Path, start: int, size: int) -> None:
    path = tmp_path / "cache.db"
    filled(path)
    overwrite(path, start, size)
    damaged = path.read_bytes()
    connection, rebuilt = open_sound(path, AT)
    assert rebuilt is not None
    assert rebuilt.aside.read_bytes() == damaged, "the damaged file is kept as it was"
    assert "300 notes" in str(rebuilt)
    all_saved(connection)
    assert connection.execute("SELECT count(*) FROM score_paths").fetchone() == (0,)


def test_a_lost_header_of_a_cache_that_was_carried_over_costs_nothing_either(tmp_path: Path) -> None:
    """Its tables begin elsewhere than those of a new cache: it was made smaller when its scores became paths."""
    new, path = tmp_path / "new.db", tmp_path / "cache.db"
    filled(new)
    with former_cache(path) as former:
        former.execute("ATTACH ? AS new", (str(new),))
        for table in ("notes", "epochs", "presets", "rank_history", "forecasts"):
            former.execute(f"INSERT INTO main.{table} SELECT * FROM new.{table}")
        former.execute(
            "INSERT INTO models SELECT * FROM (SELECT model, tournament, name, id, account, account_id, team, "
            "archived, mine, watched, start_time, synced_time FROM new.models)"
        )
        insert_scores(former, [(1, n, 1, day, 0.1, 0.5, 1, None) for n in range(400) for day in range(1, 61)])
    connection, rebuilt = open_sound(path, AT)
    assert rebuilt is None
    put_alert(connection)
    close_sound(connection)
    assert root_page(path, "notes") != root_page(new, "notes")
    overwrite(path, 0, PAGE)
    connection, rebuilt = open_sound(path, AT)
    assert rebuilt is not None
    all_saved(connection)


def test_damage_in_the_scores_is_found_when_the_last_poller_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    filled(path)
    overwrite(path, (root_page(path, "score_paths") - 1) * PAGE, PAGE)
    connection, rebuilt = open_sound(path, AT)
    assert rebuilt is None, "closed cleanly: nothing is checked until SQLite stumbles"
    with pytest.raises(DamagedDatabase, match="numtui poll --once"), transaction(connection):
        connection.execute("SELECT sum(length(day_values)) FROM score_paths").fetchone()
    connection.close()  # as a killed process does: without saying so
    connection, rebuilt = open_sound(path, AT)
    assert rebuilt is not None
    all_saved(connection)


def test_what_surrounds_a_damaged_place_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    filled(path)
    connection = sqlite3.connect(path)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.close()
    content = path.read_bytes()
    middle = next(page for page in range(pages) if b"note 150 x" in content[page * PAGE : (page + 1) * PAGE])
    overwrite(path, middle * PAGE, PAGE)
    connection = open_writer(path)
    connection.execute("INSERT INTO meta VALUES ('open', 'killed')")
    connection.close()
    connection, rebuilt = open_sound(path, AT)
    assert rebuilt is not None
    saved = {text.split(" x")[0] for (text,) in connection.execute("SELECT text FROM notes")}
    assert {"note 0", "note 299"} <= saved
    assert 200 < len(saved) < 300
    assert connection.execute("SELECT count(*) FROM epochs").fetchone() == (1,)


def test_a_cut_file_gives_what_its_rest_holds(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    filled(path)
    notes = root_page(path, "notes")
    path.write_bytes(path.read_bytes()[: (notes + 20) * PAGE])
    connection, rebuilt = open_sound(path, AT)
    assert rebuilt is not None
    assert connection.execute("SELECT name FROM epochs").fetchall() == [("retrained",)]


def test_noise_is_not_taken_for_a_cache(tmp_path: Path) -> None:
    noise = tmp_path / "letter.txt"
    noise.write_bytes(b"\xa5" * 10 * PAGE)
    with pytest.raises(ForeignDatabase):
        open_sound(noise, AT)
    assert noise.read_bytes() == b"\xa5" * 10 * PAGE


def test_a_second_damage_in_the_same_second_keeps_both_files(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    for _ in range(2):
        filled(path)
        overwrite(path, 0, PAGE)
        connection, _ = open_sound(path, AT)
        close_sound(connection)
        path.unlink()
    assert len([file for file in tmp_path.iterdir() if ".damaged-" in file.name]) == 2
