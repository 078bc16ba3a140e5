"""`numtui demo`: every command again, on a simulated tournament in a folder of its own."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import click

from numtui import config, demo
from numtui.cli.main import ENVIRONMENT, fail, main
from numtui.cli.output.lines import demo_program
from numtui.clock import VARIABLE, clock_to_text, parse_time
from numtui.demo.options import AtomicTerms, DemoOptions, Dialect, Submissions

POLL_INTERVAL = 10.0  # the server is local: look often
FASTEST_POLL = 1.0
HOURS_A_POLL = 1.0  # of simulated time, with --speed
RULES = """# What `stake rules` and `stake plan --rules` work with; your own settings file takes the same tables.
[[rules]]
rule = "take_profit"
gain = 0.2

[[rules]]
rule = "stop"
loss = 0.5

[[rules]]
rule = "cap_share"
share = 0.6

# What `numtui alerts` and its screen show.
[[alerts]]
rule = "no_submission"

[[alerts]]
rule = "bad_submission"

[[alerts]]
rule = "claim_due"
days = 7

[[alerts]]
rule = "drawdown"

[[alerts]]
rule = "burn_probability"

[[alerts]]
rule = "api_failing"

[[alerts]]
rule = "key_refused"
"""
NOT_OF_THE_MARKET = {"port", "state_dir", "latency_ms", "limits"}  # options that change no answer
CARRIED = ("ascii", "no_color", "offline", "quiet", "allow_stake")


class Moment(click.ParamType[Any]):
    """A date or a time, UTC unless it says otherwise."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """An aware datetime."""
        if isinstance(value, datetime):
            return value
        try:
            return parse_time(str(value))
        except ValueError:
            return self.fail(f"{value!r} is no time: write 2026-11-21 or 2026-11-21T13:00", param, ctx)


@click.command("demo", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed is another market.")
@click.option("--now", type=Moment(), help="Lay the calendar back from this time, and stop the clock there.")
@click.option("--skill", type=click.FloatRange(0, 5), default=1.0, show_default=True, help="0: all models equal.")
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), help="Simulated days a minute.")
@click.option("--models", type=click.IntRange(min=20), default=15_000, show_default=True, help="Classic models.")
@click.option(
    "--account-models", type=click.IntRange(min=3), default=12, show_default=True, help="The account's models."
)
@click.option(
    "--dialect",
    type=click.Choice(get_args(Dialect)),
    default="live",
    show_default=True,
    help="How names of unsure spelling are found.",
)
@click.option(
    "--atomic-terms",
    type=click.Choice(get_args(AtomicTerms)),
    default="null",
    show_default=True,
    help="Whether Atomic rounds state clip and factor.",
)
@click.option(
    "--submissions",
    type=click.Choice(get_args(Submissions)),
    default="normal",
    show_default=True,
    help="mixed: some are late, failed or queued.",
)
@click.option("--limits", is_flag=True, help="Refuse more than the published requests a minute.")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Port of the server; 0: any free one.")
@click.option("--dir", "folder", type=click.Path(file_okay=False, path_type=Path), help="The demo's folder.")
@click.argument("args", nargs=-1, type=click.UNPROCESSED, metavar="[run|serve|reset|COMMAND]...")
@click.pass_context
def command(ctx: click.Context, /, folder: Path | None, args: tuple[str, ...], **options: Any) -> None:
    """Run COMMAND (the screens by default) on a simulated tournament: no network, no keys, nothing of yours touched.

    serve only runs the server and prints its URL; reset forgets the demo's cache and stakes.
    """
    if args[:1] in {("serve",), ("reset",)}:
        _nothing_more(ctx, *args)
    home = folder or config.data_dir() / "demo"
    if args[:1] == ("reset",):
        reset(home)
        return
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    demo_options = DemoOptions(state_dir=home / "state", **options)
    if args[:1] == ("serve",):
        serve(demo_options)
        return
    code = run(ctx, home, demo_options, args)
    if code:
        raise click.exceptions.Exit(code)


def _nothing_more(ctx: click.Context, word: str, *rest: str) -> None:
    """`serve` and `reset` take no words of their own; a question for help is answered."""
    if {*rest} & {*ctx.help_option_names}:
        click.echo(ctx.get_help())
        ctx.exit()
    if rest:
        raise click.UsageError(f"{word} takes nothing behind it, not {rest[0]!r}: options of the demo stand before it")


def reset(home: Path) -> None:
    """Remove the demo's folder, after a look that it is one."""
    if home.exists() and not (home / "state").is_dir():
        raise fail(f"{home} is not a demo's folder: it is left as it is")
    shutil.rmtree(home, ignore_errors=False) if home.exists() else None
    click.echo("numtui: the demo is as new", err=True)


def serve(options: DemoOptions) -> None:
    """Run the server until it is interrupted; its URL is the first line of stdout."""
    from numtui.demo.server.process import serve_forever  # the web server is imported only to serve

    click.echo(
        f"numtui: keys of the simulated account: {config.PUBLIC_ID}={demo.DEMO_PUBLIC} "
        f"{config.SECRET_KEY}={demo.DEMO_SECRET}; end with ctrl+c",
        err=True,
    )
    serve_forever(options)


def run(ctx: click.Context, home: Path, options: DemoOptions, args: tuple[str, ...]) -> int:
    """Start the server, then the command `args` on it; the command's exit code."""
    from numtui.demo.server.process import start  # the web server is imported only to serve

    database = _database(home, options)
    settings_file = _settings_file(home)
    clock = options.clock()
    with start(options, clock=clock) as server:
        _environment(clock_to_text(clock))
        common = [
            "--config",
            settings_file,
            "--db",
            database,
            "--state-dir",
            options.state_dir,
            "--api-url",
            server.url,
        ]
        flags = [f"--{name.replace('_', '-')}" for name in CARRIED if _outer(ctx, name)]
        named = [f"--{name.replace('_', '-')}={_outer(ctx, name)}" for name in ("tournament", "log_level")]
        interval = ["--poll-interval", repr(_poll_interval(options))]
        words = [str(word) for word in (*common, *flags, *named, *interval, "--simulated", *(args or ("run",)))]
        code = main.main(args=words, prog_name=demo_program(ctx), standalone_mode=False)
    return code if isinstance(code, int) else 0


def _settings_file(home: Path) -> Path:
    """The settings file of the demo: what is watched, stakers and rules. It is the same for every call, and never half
    there: several may run at once."""
    stakers = "\n".join(f'{label} = "{address}"' for label, address in demo.DEMO_STAKERS.items())
    content = f"[watch]\nclassic = {list(demo.DEMO_WATCHED)!r}\n\n[staker]\n{stakers}\n\n{RULES}"
    draft = home / f".demo-{os.getpid()}.toml"
    draft.write_text(content, encoding="utf-8")
    return draft.replace(home / "demo.toml")


def _outer(ctx: click.Context, name: str) -> Any:
    assert ctx.parent is not None
    return ctx.parent.params[name]


def _poll_interval(options: DemoOptions) -> float:
    if options.speed is None:
        return POLL_INTERVAL
    return max(FASTEST_POLL, HOURS_A_POLL / 24 / options.speed * 60)


def _database(home: Path, options: DemoOptions) -> Path:
    """One cache a market. With --speed the clock starts anew each time, and so does the cache."""
    market = {name: value for name, value in asdict(options).items() if name not in NOT_OF_THE_MARKET}
    path = home / f"demo-{sha256(repr((demo.MARKET, market)).encode()).hexdigest()[:12]}.sqlite"
    if options.speed is not None:
        for old in home.glob(f"{path.name}*"):
            old.unlink()
    return path


def _environment(clock: str | None) -> None:
    """This process and its children: the demo's keys and clock, and nothing of the user's settings."""
    for name in [name for name in os.environ if name.startswith(f"{ENVIRONMENT}_")]:
        del os.environ[name]
    os.environ[config.PUBLIC_ID] = demo.DEMO_PUBLIC
    os.environ[config.SECRET_KEY] = demo.DEMO_SECRET
    if clock is not None:
        os.environ[VARIABLE] = clock
