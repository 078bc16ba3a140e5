"""`numtui stake contracts`, `claims` and `authorise`: Atomic staking (v3), which only your wallet can change.

Everything here only reads. numtui asks for no private key, no seed phrase and no signature.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from numtui.cli.main import fail, session_settings
from numtui.cli.output.plain_text import table_lines
from numtui.clock import clock_from_env
from numtui.config import Settings
from numtui.errors import NO_DATA, USAGE
from numtui.export import FORMATS, write
from numtui.model import Table
from numtui.stake.plan.table import DASHBOARD

if TYPE_CHECKING:  # brings the HTTP client with it: imported when the API is asked
    from numtui.stake.atomic.view import AtomicView

FORM = click.option("--format", "form", type=click.Choice(("text", *FORMATS)), default="text", show_default=True)


def look(settings: Settings) -> AtomicView:
    """The contracts, rounds and claims of the tournament as the API states them now."""
    from numtui.stake.atomic.view import read_own_atomic
    from numtui.stake.service import open_service

    if settings.offline:
        raise fail("--offline: contracts, rounds and claims are always read fresh")
    return open_service(settings, clock_from_env()).client.ask(
        lambda queries: read_own_atomic(queries, settings.tournament, settings.staker.get(settings.tournament))
    )


def show(table: Table, form: str) -> None:
    """Print a table on stdout."""
    if form == "text":
        click.echo("\n".join(table_lines(table)))
    else:
        write(table, form, sys.stdout)


@click.command("contracts")
@FORM
@click.option("--rounds", is_flag=True, help="The newest rounds on the contract instead.")
@click.pass_context
def contracts(ctx: click.Context, /, form: str, rounds: bool) -> None:
    """The contracts of Atomic staking, or their rounds. Needs a key with the scope web3_staking."""
    view = look(session_settings(ctx))
    table = view.rounds if rounds else view.config
    if not table.rows:
        raise fail(view.message or "the API lists no contracts in this tournament", NO_DATA)
    show(table, form)


@click.command("claims")
@FORM
@click.option("--proofs", is_flag=True, help="The claims with their Merkle proofs, as JSON for the contract.")
@click.pass_context
def claims(ctx: click.Context, /, form: str, proofs: bool) -> None:
    """Resolved Atomic positions that can be claimed, with amounts and deadlines. Needs the scope web3_staking.

    Positions may belong to your strategy contract instead of your wallet: name its address in the settings file, in the
    table [staker]. Without the scope the strategy's stakes and the payouts of the last rounds are shown instead.
    """
    settings = session_settings(ctx)
    view = look(settings)
    if form == "text":
        for words, table in (("stakes of the strategy", view.stakes), ("payouts of the last rounds", view.payouts)):
            if table is not None and table.rows:
                click.echo(f"{words}, without the claims:")
                show(table, form)
    if not view.proofs:
        raise fail(view.message or "nothing to claim", NO_DATA)
    if proofs:
        from numtui.stake.atomic.claims import claim_proof

        click.echo("[\n" + ",\n".join(claim_proof(claim).rstrip() for claim in view.proofs) + "\n]")
    else:
        show(view.claims, form)
    if view.message:
        click.echo(f"numtui: {view.message}", err=True)
    click.echo(f"numtui: claim with your wallet at {DASHBOARD[settings.tournament]}", err=True)


@click.command("authorise")
@click.argument("model")
@click.option("--max", "most", required=True, metavar="NMR", help="The most that may be staked with it.")
@click.pass_context
def authorise(ctx: click.Context, /, model: str, most: str) -> None:
    """Ask for a short-lived authorisation to stake on MODEL's newest submission, and show it once.

    It is shown on a terminal only, and never written or kept: ask again where it has run out.
    """
    settings = session_settings(ctx)
    if not sys.stdout.isatty():
        raise fail("an authorisation is shown on a terminal only: it must not end in a file or a pipe", USAGE)
    if settings.offline:
        raise fail("--offline: an authorisation comes from the API")
    from numtui.stake.atomic.authorization import authorize_model
    from numtui.stake.service import open_service

    client = open_service(settings, clock_from_env()).client
    strategy = settings.staker.get(settings.tournament)
    lines = client.ask(lambda queries: authorize_model(queries, settings.tournament, model, most, strategy)).show_once()
    click.echo("\n".join(lines))
    click.echo("numtui: shown once, kept nowhere; it is bound to this submission and runs out soon", err=True)
