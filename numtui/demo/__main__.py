"""`python -m numtui.demo`: serve the simulated tournament, its URL on the first line of standard output."""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

import click

from numtui.clock import VARIABLE, clock_from_env, parse_time
from numtui.demo.options import AtomicTerms, DemoOptions, Dialect, Submissions
from numtui.demo.server.process import serve_forever


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
@click.option("--dialect", type=click.Choice(get_args(Dialect)), default="live", help="How unsure names are found.")
@click.option("--atomic-terms", type=click.Choice(get_args(AtomicTerms)), default="null", help="Clip and factor.")
@click.option("--submissions", type=click.Choice(get_args(Submissions)), default="normal", help="The newest ones.")
@click.option("--limits", is_flag=True, help="Refuse more than the published requests a minute.")
@click.option("--child", is_flag=True, help="Clock from NUMTUI_CLOCK where set; ends when standard input closes.")
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
    dialect: Dialect,
    atomic_terms: AtomicTerms,
    submissions: Submissions,
    limits: bool,
    child: bool,
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
        dialect=dialect,
        atomic_terms=atomic_terms,
        submissions=submissions,
        limits=limits,
    )
    inherited = clock_from_env() if child and VARIABLE in os.environ else None
    serve_forever(options, inherited, until_stdin_closes=child)


if __name__ == "__main__":
    main()
