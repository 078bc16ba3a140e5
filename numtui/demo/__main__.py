"""`python -m numtui.demo`: serve the simulated tournament, its URL on the first line of standard output."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import click

from numtui.clock import parse_time
from numtui.demo.options import DemoOptions


@click.command()
@click.option("--seed", default=0, show_default=True, help="Seed of the market.")
@click.option("--now", default=None, help="Freeze the clock at this UTC time (or start there, with --speed).")
@click.option("--skill", default=1.0, show_default=True, help="0: all models alike and without skill.")
@click.option("--speed", type=float, default=None, help="Simulated days a real minute.")
@click.option("--models", default=15_000, show_default=True, help="Classic models; the others in proportion.")
@click.option("--account-models", default=12, show_default=True, help="Models of the demo account.")
@click.option("--port", default=0, help="Port, 0 for a free one.")
@click.option("--latency-ms", default=0.0, help="Delay of every answer.")
@click.option(
    "--state-dir", type=click.Path(path_type=Path, file_okay=False), default=None, help="Keeps stake changes."
)
@click.option("--until-stdin-closes", is_flag=True, help="End when standard input closes: with the parent process.")
def main(
    *,
    seed: int,
    now: str | None,
    skill: float,
    speed: float | None,
    models: int,
    account_models: int,
    port: int,
    latency_ms: float,
    state_dir: Path | None,
    until_stdin_closes: bool,
) -> None:
    """Serve the simulated tournament on 127.0.0.1 and print its URL."""
    try:
        start = None if now is None else parse_time(now)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--now") from None
    options = DemoOptions(
        seed=seed,
        now=start,
        skill=skill,
        speed=speed,
        models=models,
        account_models=account_models,
        port=port,
        latency_ms=latency_ms,
        state_dir=state_dir,
    )
    serve(options, until_stdin_closes)


def serve(options: DemoOptions, until_stdin_closes: bool = False) -> None:
    """Serve until interrupted, or until standard input closes."""
    # Imported here so that --help and wrong options answer at once.
    from numtui.demo.market import Market
    from numtui.demo.server import GraphQLApp, listen, make_server

    market = Market(
        seed=options.seed,
        clock=options.clock(),
        models=options.models,
        skill=options.skill,
        account_models=options.account_models,
        state_dir=options.state_dir,
    )
    server = make_server(GraphQLApp(market, options.latency_ms))
    sock = listen("127.0.0.1", options.port)
    click.echo(f"http://127.0.0.1:{sock.getsockname()[1]}")
    if until_stdin_closes:

        def watch() -> None:
            sys.stdin.buffer.read()
            server.should_exit = True

        threading.Thread(target=watch, daemon=True).start()
    server.run(sockets=[sock])


if __name__ == "__main__":
    main()
