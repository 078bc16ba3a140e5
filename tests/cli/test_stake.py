"""`numtui stake` on the simulated account: what it says, what it sends, and its exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from numtui.cli.main import main
from numtui.clock import FixedClock, clock_to_text
from numtui.config import PUBLIC_ID, SECRET_KEY
from numtui.demo import DEMO_ACCOUNT, DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET
from numtui.stake.lock import lock_path
from tests.tui.staking import Bench
from tests.tui.staking import bench as bench  # noqa: PLC0414  a fixture
from tests.tui.staking import staking_origin as staking_origin  # noqa: PLC0414  likewise

from .staking import Command
from .test_imports import loaded_by


@pytest.fixture
def command(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("NUMTUI_CLOCK", "")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return Command(bench, tmp_path)


def journal(command: Command) -> list[dict[str, str]]:
    ran = command("export", "journal", "--offline")
    return list(csv.DictReader(io.StringIO(ran.out)))


# Seeing


def test_status_in_words_and_as_data(command: Command) -> None:
    words = command("stake", "status", "--offline", tournament=None).out
    for said in ("SIGNALS: legacy staking", "CRYPTO: atomic staking", "CLASSIC: undecided staking", "worst case",
                 "read-only", "nothing can be planned or changed", "with your wallet",
                 "idle NMR is unknown"):  # fmt: skip
        assert said in words
    models = json.loads(command("stake", "status", "--offline", "--format", "json", tournament=None).out)
    assert {row["system"] for row in models} == {"legacy", "atomic"}
    (signal,) = [row for row in models if row["model"] == "demo_signal_a"]
    assert isinstance(signal["stake"], str)
    assert signal["churn"] < signal["churn_limit"] == 0.15
    summary = list(
        csv.DictReader(
            io.StringIO(command("stake", "status", "--offline", "--summary", "--format", "csv", tournament=None).out)
        )
    )
    crypto = next(row for row in summary if row["tournament"] == "crypto")
    assert (crypto["idle"], crypto["rounds_funded"]) == ("", ""), "it lies in the strategy contract"
    assert Decimal(crypto["per_round"]) > 0


def test_status_keeps_to_the_tournament_that_is_asked_for(command: Command) -> None:
    words = command("stake", "status", "--offline", tournament="crypto").out
    assert "CRYPTO: atomic staking" in words
    assert "SIGNALS" not in words
    models = json.loads(command("stake", "status", "--offline", "--format", "json", tournament="crypto").out)
    assert {row["tournament"] for row in models} == {"crypto"}


def test_history(command: Command) -> None:
    ran = command("stake", "history", "--offline", "--model", "demo_signal_b", "--format", "csv")
    assert {row["model"] for row in csv.DictReader(io.StringIO(ran.out))} == {"demo_signal_b"}
    assert command("stake", "history", "--offline", "--model", "nobody").code == 4


def test_without_an_account_there_is_nothing_to_show(command: Command, tmp_path: Path) -> None:
    ran = command("--db", str(tmp_path / "none.sqlite"), "stake", "status", "--offline")
    assert ran.code == 4
    assert ran.out == ""


# Planning


def test_a_plan_says_what_will_happen(command: Command, bench: Bench) -> None:
    (command.folder / "t.json").write_text('{"demo_signal_a": "0", "demo_signal_b": "9000"}')
    ran = command("stake", "plan", "--targets", str(command.folder / "t.json"), "-o", str(command.folder / "p.json"))
    assert ran.code == 0
    for said in ("drain", "leaves at", "can still burn", "is out of about", "blocked", "NMR short", "digest ",
                 "--allow-stake stake apply"):  # fmt: skip
        assert said in ran.out
    assert bench.posts == 0


def test_a_plan_of_no_change_is_empty(command: Command) -> None:
    models = json.loads(command("stake", "status", "--offline", "--format", "json").out)
    stakes = {row["model"][-1]: row["stake"] for row in models if row["tournament"] == "signals"}
    path, digest = command.planned(**stakes)
    assert json.loads(Path(path).read_text())["plan"]["steps"] == []
    ran = command("stake", "apply", "--plan", path, "--confirm", digest, allow=True)
    assert (ran.code, ran.out) == (4, "")
    assert "the plan is empty" in ran.err


@pytest.mark.parametrize(
    ("targets", "complaint"),
    [
        ("[]", "must be a JSON object"),
        ('{"demo_signal_a": 5}', "must be a string"),
        ('{"nobody": "5"}', "no signals model"),
        ('{"demo_signal_a": "-5"}', "cannot be negative"),
        ("{", "not JSON"),
    ],
)
def test_targets_that_cannot_be(command: Command, targets: str, complaint: str) -> None:
    (command.folder / "t.json").write_text(targets)
    ran = command("stake", "plan", "--offline", "--targets", str(command.folder / "t.json"))
    assert (ran.code, ran.out) == (2, "")
    assert complaint in ran.err


def test_a_model_of_another_tournament_is_named_as_such(command: Command) -> None:
    (command.folder / "t.json").write_text('{"demo_signal_a": "5"}')
    ran = command("stake", "plan", "--offline", "--targets", str(command.folder / "t.json"), tournament="crypto")
    assert (ran.code, ran.out) == (2, "")
    assert "you have no crypto model of that name; it is a signals model: give --tournament signals" in ran.err
    ran = command("stake", "drain", "--offline", "demo_signal_a", tournament="crypto")
    assert ran.code == 2
    assert "it is a signals model" in ran.err


def test_the_line_to_send_a_plan_does_what_it_says(command: Command, bench: Bench) -> None:
    """As it is printed: with the cache, the state folder, the settings and the address that the plan was made with."""
    (command.folder / "t.json").write_text('{"demo_signal_a": "40"}')
    plan = command.folder / "a plan.json"
    ran = command("stake", "plan", "--offline", "--targets", str(command.folder / "t.json"), "-o", str(plan))
    line = next(line for line in ran.out.splitlines() if line.startswith("to send it: "))
    program, *words = shlex.split(line.removeprefix("to send it: "))
    assert program == "numtui"
    ran = command.run(*words)
    assert ran.code == 0, ran
    assert bench.posts == 1
    assert list(bench.settings.state_dir.glob("*.journal"))
    unwritten = command("stake", "plan", "--offline", "--targets", str(command.folder / "t.json"))
    assert "stake apply" not in unwritten.out, "there is no file that it could name"


def test_plan_wants_targets_or_rules(command: Command) -> None:
    assert command("stake", "plan").code == 2
    assert command("stake", "plan", "--rules", "--targets", "x").code == 2
    ran = command("stake", "plan", "--rules", "--offline")
    assert ran.code == 2
    assert "no rules in" in ran.err


def test_atomic_plans_are_instructions_with_exact_amounts(command: Command) -> None:
    (command.folder / "t.json").write_text('{"demo_coin_a": "77"}')
    args = ("stake", "plan", "--targets", str(command.folder / "t.json"), "--offline")
    assert "numtui cannot send these steps" in command(*args, tournament="crypto").out
    plan = json.loads(command(*args, "--format", "json", tournament="crypto").out)
    (step,) = plan["instructions"]
    assert (step["per_round"], step["rounds"]) == ("3.208333333333333333", 24)
    assert step["per_round_wei"] == "3208333333333333333"
    assert Decimal(step["per_round"]) * 24 + Decimal(step["remainder"]) == 77
    path, digest = command.planned("crypto", a="77")
    ran = command("stake", "apply", "--plan", path, "--confirm", digest, tournament="crypto", allow=True)
    assert ran.code == 4
    assert "your wallet" in ran.err


def test_rules_propose_are_tested_and_planned(command: Command, bench: Bench) -> None:
    command.config.write_text('[[rules]]\nrule = "hold"\nstake = "20"\n')
    words = command("stake", "rules", "--offline").out
    for said in ("PROPOSALS TODAY", "hold 20", "the rules were worth", "FOLLOWED?", "followed 0 of"):
        assert said in words
    curve = json.loads(command("stake", "rules", "--offline", "--part", "backtest", "--format", "json").out)
    last = curve[-1]
    assert Decimal(last["with_rule"]) - Decimal(last["without"]) == Decimal(last["difference"]) != 0
    for table in ('models = ["demo_signal_aa"]', 'weights = {demo_signal_aa = "1"}'):
        kind = "weights" if "weights" in table else "hold"
        stake = "" if kind == "weights" else 'stake = "20"\n'
        command.config.write_text(f'[[rules]]\nrule = "{kind}"\n{stake}{table}\n')
        for asked in (("rules",), ("plan", "--rules")):
            ran = command("stake", *asked, "--offline")
            assert (ran.code, ran.out) == (2, "")
            assert "you have no model demo_signal_aa; did you mean demo_signal_" in ran.err
    command.config.write_text('[[rules]]\nrule = "hold"\nstake = "20"\nmodels = ["demo_signal_b", "demo_coin_a"]\n')
    assert command("stake", "rules", "--offline").code == 0, "a model of another tournament is one of the account's"
    command.config.write_text('[[rules]]\nrule = "hold"\nstake = "20"\n')
    ran = command("stake", "plan", "--rules", "--offline")
    assert "release" in ran.out
    assert "above it" in ran.err
    command.config.write_text('[[rules]]\nrule = "hope"\n')
    ran = command("stake", "rules", "--offline")
    assert ran.code == 2
    assert "no rule 'hope'" in ran.err
    assert bench.posts == 0


# Sending


def test_apply_sends_each_step_once_and_writes_it_down(command: Command, bench: Bench) -> None:
    path, digest = command.planned(a="40", c="10")
    ran = command.process("stake", "apply", "--plan", path, "--confirm", digest, "--note", "why not", allow=True)
    assert ran.code == 0, ran
    assert ran.out.count(": done") == bench.posts == 2
    rows = journal(command)
    assert [row["outcome"] for row in rows] == ["INTENT", "DONE"] * 2
    assert {row["plan"] for row in rows} == {digest}
    assert rows[0]["note"] == "why not"
    for _ in range(2):
        again = command("stake", "apply", "--plan", path, "--confirm", digest, allow=True)
        assert again.code == 1
        assert "stopped, nothing was sent" in again.err
        assert "an order is sent once" in again.err
    assert bench.posts == 2
    assert command("stake", "diff", "--plan", path).out.count(" done ") == 2


def test_read_only_wrong_digest_and_dry_run_send_nothing(command: Command, bench: Bench) -> None:
    path, digest = command.planned(a="40", b="0")
    apply = ("stake", "apply", "--plan", path)
    ran = command(*apply, "--confirm", digest)
    assert ran.code == 1
    assert "--allow-stake" in ran.err
    assert command(*apply, allow=True).code == 2
    assert "is not this plan's" in command(*apply, "--confirm", "0" * 16, allow=True).err
    assert command("--offline", *apply, "--confirm", digest, allow=True).code == 1
    rendered = json.loads(command(*apply, "--dry-run").out)
    assert [one["action"] for one in rendered] == ["drain", "increase"]
    assert "releaseStake" in rendered[0]["query"]
    assert rendered[0]["variables"]["amount"] not in ("11000000", "0")
    text = Path(path).read_text()
    Path(path).write_text(text.replace('"40"', '"4000"'))
    assert "changed after it was made" in command(*apply, "--confirm", digest, allow=True).err
    assert bench.posts == 0
    assert not list(bench.settings.state_dir.glob("*.journal"))


@pytest.mark.parametrize("fault", ["500", "429", "drop", "lost_answer"])
def test_an_unknown_outcome_stops_the_plan_until_it_is_found_out(command: Command, bench: Bench, fault: str) -> None:
    path, digest = command.planned(a="40", b="10")
    bench.server.faults.add(fault, mutations_only=True)
    ran = command("stake", "apply", "--plan", path, "--confirm", digest, allow=True)
    assert ran.code == 1
    assert "UNKNOWN: it may or may not have been made" in ran.out
    assert "1 further steps were not sent" in ran.err
    assert "do not send it again" in ran.err
    assert bench.posts == 1
    locked = command("stake", "apply", "--plan", path, "--confirm", digest, allow=True)
    assert "is locked" in locked.err
    assert "unknown outcome, reconcile first: demo_signal" in command("stake", "status", "--offline").out
    found = command("stake", "reconcile")
    if fault == "lost_answer":
        assert found.code == 0
        assert ": it was made" in found.out
    else:
        assert found.code == 1
        assert "no sign of the change yet" in found.out
        bench.clock.move(timedelta(minutes=11))
        assert ": it was not made" in command("stake", "reconcile").out
    assert command("stake", "reconcile").err == "numtui: no change of this account has an unknown outcome\n"
    assert bench.posts == 1
    assert journal(command)[-1]["outcome"] == ("RECONCILED_DONE" if fault == "lost_answer" else "RECONCILED_NOT")


def test_an_unknown_outcome_can_be_settled_by_hand_with_a_note(command: Command, bench: Bench) -> None:
    path, digest = command.planned(a="40")
    bench.server.faults.add("502", mutations_only=True)
    command("stake", "apply", "--plan", path, "--confirm", digest, allow=True)
    assert command("stake", "settle", "1", "--not-done").code == 2
    assert command("stake", "settle", "9", "--not-done", "--note", "x").code == 1
    assert command("stake", "settle", "1", "--not-done", "--note", "the website shows nothing").code == 0
    assert command("stake", "note", "1", "a lesson").code == 0
    assert [row["outcome"] for row in journal(command)] == ["INTENT", "UNKNOWN", "RECONCILED_NOT", "NOTE"]


def test_no_connection_is_not_sent(command: Command, bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}"
    path, digest = command.planned(a="40")
    urls = (dead, bench.server.url)  # reads find the alternative, a change goes to the first alone
    elsewhere = Command(replace(bench, settings=replace(bench.settings, api_urls=urls)), command.folder)
    ran = elsewhere("stake", "apply", "--plan", path, "--confirm", digest, allow=True)
    assert ran.code == 3, ran
    assert "NOT SENT, nothing was changed" in ran.out
    assert bench.posts == 0


def test_a_changed_state_and_a_held_lock_stop_it(command: Command, bench: Bench) -> None:
    path, digest = command.planned(a="40")
    apply = ("stake", "apply", "--plan", path, "--confirm", digest)
    lock = lock_path(bench.settings.state_dir, DEMO_ACCOUNT)
    lock.parent.mkdir(exist_ok=True)
    hold = "import sys, filelock\nwith filelock.FileLock(sys.argv[1]): print('held', flush=True), sys.stdin.read()"
    other = subprocess.Popen([sys.executable, "-c", hold, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None and other.stdout.readline() == b"held\n"
    assert "another numtui is changing" in command(*apply, allow=True).err
    other.communicate()
    bench.change_elsewhere("demo_signal_a", "1")
    ran = command(*apply, allow=True)
    assert ran.code == 1
    assert "make a new plan" in ran.err
    assert bench.posts == 0


def test_drain_and_cancel_are_plans_of_one_step(command: Command, bench: Bench) -> None:
    path = str(command.folder / "drain.json")
    assert "earns nothing" in command("stake", "drain", "demo_signal_b", "-o", path).out
    digest = json.loads(Path(path).read_text())["digest"]
    assert command("stake", "apply", "--plan", path, "--confirm", digest, allow=True).code == 0
    (made,) = bench.server.market.state.changes
    assert made.drain
    cancel = str(command.folder / "cancel.json")
    assert "is taken back" in command("stake", "cancel", "demo_signal_b", "-o", cancel).out
    digest = json.loads(Path(cancel).read_text())["digest"]
    assert command("stake", "apply", "--plan", cancel, "--confirm", digest, allow=True).code == 0
    assert bench.server.market.state.changes[0].cancelled
    assert bench.posts == 2
    assert command("stake", "cancel", "demo_signal_a").code == 1


def test_what_was_done_is_in_the_cache_at_once(command: Command, bench: Bench) -> None:
    path, digest = command.planned(b="10")
    assert command("stake", "apply", "--plan", path, "--confirm", digest, allow=True).code == 0
    rows = json.loads(command("stake", "status", "--offline", "--format", "json").out)
    pending = {row["model"]: row["pending"] for row in rows}
    assert Decimal(pending["demo_signal_b"]) < 0
    cancel = str(command.folder / "cancel.json")
    command("stake", "cancel", "demo_signal_b", "-o", cancel)
    digest = json.loads(Path(cancel).read_text())["digest"]
    assert command("stake", "apply", "--plan", cancel, "--confirm", digest, allow=True).code == 0
    rows = json.loads(command("stake", "status", "--offline", "--format", "json").out)
    assert {row["model"]: row["pending"] for row in rows}["demo_signal_b"] is None
    assert bench.posts == 2


def test_a_change_that_reads_do_not_show_is_said(
    command: Command, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, digest = command.planned(b="100")
    with monkeypatch.context() as slow:
        slow.setattr("numtui.cli.stake.apply.freshen_stakes", lambda *_, **__: None)
        command("stake", "apply", "--plan", path, "--confirm", digest, allow=True)
    bench.clock.move(timedelta(minutes=4))
    said = "was sent 4 minutes ago (entry 1 of the journal: done), not yet visible"
    assert said in command("stake", "status", "--offline").out
    (command.folder / "t.json").write_text('{"demo_signal_b": "100"}')
    ran = command("stake", "plan", "--offline", "--targets", str(command.folder / "t.json"))
    assert f"{said}: this plan is a further change" in ran.out


def test_only_the_option_arms(command: Command, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    path, digest = command.planned(a="40")
    apply = ("stake", "apply", "--plan", path, "--confirm", digest)
    monkeypatch.setenv("NUMTUI_ALLOW_STAKE", "1")
    assert command(*apply).code != 0
    monkeypatch.delenv("NUMTUI_ALLOW_STAKE")
    command.config.write_text("allow_stake = true\n")
    assert command(*apply).code != 0
    assert bench.posts == 0


@pytest.mark.parametrize("damage", ["damaged", "missing"])
def test_a_journal_that_is_not_whole_blocks_changes_and_no_looks(command: Command, bench: Bench, damage: str) -> None:
    path, digest = command.planned(a="40")
    bench.server.faults.add("502", mutations_only=True)
    command("stake", "apply", "--plan", path, "--confirm", digest, allow=True)
    (file,) = bench.settings.state_dir.glob("*.journal")
    file.write_bytes(b"damaged" * 900) if damage == "damaged" else file.unlink()
    looked = command("stake", "status", "--offline")
    assert looked.code == 0
    assert "SIGNALS" in looked.out
    assert "the stake journal" in looked.err
    path, digest = command.planned(b="40")
    apply = ("stake", "apply", "--plan", path, "--confirm", digest)
    ran = command(*apply, allow=True)
    assert ran.code == 1
    assert "the stake journal" in ran.err
    assert bench.posts == 1
    assert command("stake", "journal").code == 1
    assert command("stake", "journal", "--begin-anew").code == 1
    ran = command("stake", "journal", "--begin-anew", "--note", "the website shows nothing")
    assert (ran.code, "1 entries" in ran.out) == (0, True), ran
    assert command(*apply, allow=True).code == 0
    assert bench.posts == 2


def test_ctrl_c_tells_the_steps_that_are_done(command: Command, bench: Bench) -> None:
    path, digest = command.planned(a="40", c="10")
    bench.server.faults.add("delay", mutations_only=True, after=1, delay=8)
    args = command.words("stake", "apply", "--plan", path, "--confirm", digest, allow=True)
    env = os.environ | {"NUMTUI_CLOCK": clock_to_text(FixedClock(bench.clock.at)) or ""}
    child = subprocess.Popen(
        [sys.executable, "-m", "numtui", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    )
    for _ in range(1500):
        if bench.posts == 2:
            break
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130, err
    assert ": done" in out
    assert "step 2: demo_signal_a: increase" in out and "UNKNOWN" in out
    assert "1 of 2 steps were through" in err
    assert "Traceback" not in err
    assert "reconcile first: demo_signal_a" in command("stake", "status", "--offline").out
    assert command("stake", "apply", "--plan", path, "--confirm", digest, allow=True).code == 1
    assert bench.posts == 2


# Atomic


def test_claims_and_contracts(command: Command) -> None:
    assert "deadline" in command("stake", "claims", tournament="crypto").out
    proofs = json.loads(command("stake", "claims", "--proofs", tournament="crypto").out)
    assert proofs
    assert all(one["proof"] and one["claimableAmountWei"] for one in proofs)
    assert "staking contract" in command("stake", "contracts", tournament="crypto").out
    assert "OPEN" in command("stake", "contracts", "--rounds", tournament="crypto").out


def test_a_missing_scope_is_named(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PUBLIC_ID, DEMO_LIMITED_PUBLIC)
    monkeypatch.setenv(SECRET_KEY, DEMO_LIMITED_SECRET)
    ran = command("stake", "claims", tournament="crypto")
    assert ran.code == 4
    assert "lacks the scope web3_staking" in ran.err
    path, digest = command.planned(a="40")
    ran = command("stake", "apply", "--plan", path, "--confirm", digest, allow=True)
    assert ran.code == 1
    assert "REFUSED" in ran.out


def test_an_authorisation_goes_to_no_pipe(command: Command) -> None:
    ran = command("stake", "authorise", "demo_coin_a", "--max", "1", tournament="crypto")
    assert (ran.code, ran.out) == (2, "")
    assert "on a terminal only" in ran.err


# Start-up


def test_a_plan_from_the_cache_loads_neither_client_nor_screens(command: Command) -> None:
    (command.folder / "t.json").write_text('{"demo_signal_a": "40"}')
    args = command.words("stake", "plan", "--offline", "--targets", str(command.folder / "t.json"))
    assert loaded_by(*args) == (0, set())


def test_every_subcommand_has_help() -> None:
    for name in ("status", "plan", "apply", "reconcile", "drain", "cancel", "diff", "rules", "claims", "authorise"):
        with pytest.raises(SystemExit) as ended:
            main.main(args=["stake", name, "--help"], prog_name="numtui")
        assert ended.value.code == 0
