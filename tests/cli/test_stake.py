"""`numtui stake` on the simulated account: what it says, what it sends, and its exit codes."""

from __future__ import annotations

import csv
import io
import json
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from numtui.cli.main import main
from numtui.config import PUBLIC_ID, SECRET_KEY
from numtui.demo import DEMO_ACCOUNT, DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET
from numtui.stake.lock import lock_path
from tests.tui.staking import Bench
from tests.tui.staking import bench as bench  # noqa: PLC0414  a fixture
from tests.tui.staking import staking_origin as staking_origin  # noqa: PLC0414  likewise

from .staking import Command
from .test_imports import loaded_by

pytestmark = pytest.mark.xdist_group("staking")


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
    words = command("stake", "status", "--offline").out
    for said in ("SIGNALS: legacy staking", "CRYPTO: atomic staking", "CLASSIC: undecided staking", "worst case",
                 "read-only", "nothing can be planned or changed", "with your wallet",
                 "idle NMR is unknown"):  # fmt: skip
        assert said in words
    models = json.loads(command("stake", "status", "--offline", "--format", "json").out)
    assert {row["system"] for row in models} == {"legacy", "atomic"}
    (signal,) = [row for row in models if row["model"] == "demo_signal_a"]
    assert isinstance(signal["stake"], str)
    assert signal["churn"] < signal["churn_limit"] == 0.15
    summary = list(
        csv.DictReader(io.StringIO(command("stake", "status", "--offline", "--summary", "--format", "csv").out))
    )
    crypto = next(row for row in summary if row["tournament"] == "crypto")
    assert (crypto["idle"], crypto["rounds_funded"]) == ("", ""), "it lies in the strategy contract"
    assert Decimal(crypto["per_round"]) > 0


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
    ran = command("stake", "plan", "--targets", str(command.folder / "t.json"))
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
    assert (ran.code, ran.out) == (1, "")
    assert complaint in ran.err


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
    again = command("stake", "apply", "--plan", path, "--confirm", digest, allow=True)
    assert again.code == 1
    assert "stopped, nothing was sent" in again.err
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
