"""`numtui stake contracts`, `claims` and `authorise`: staking v3 (Atomic), for the eye and for your wallet.

Everything here only reads. numtui asks for no private key, no seed phrase and no signature.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from numtui.cli.main import fail, settings
from numtui.cli.plain_text import table_lines
from numtui.clock import clock_from_env
from numtui.config import Settings
from numtui.errors import NO_DATA, USAGE
from numtui.export import FORMATS, write
from numtui.model import Table
from numtui.stake.plan.table import DASHBOARD

if TYPE_CHECKING:  # brings the HTTP client with it: imported when the API is asked
    from numtui.stake.atomic.view import V3View

FORM = click.option("--format", "form", type=click.Choice(("text", *FORMATS)), default="text", show_default=True)


def look(own: Settings) -> V3View:
    """What the API tells now of the tournament's contracts and of the account's claims."""
    from numtui.stake.atomic.view import read_own_v3
    from numtui.stake.service import open_service

    if own.offline:
        raise fail("--offline: contracts, rounds and claims are always read fresh")
    return open_service(own, clock_from_env()).client.ask(
        lambda queries: read_own_v3(queries, own.tournament, own.staker.get(own.tournament))
    )


def show(table: Table, form: str) -> None:
    """A table on stdout."""
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
    found = look(settings(ctx))
    table = found.rounds if rounds else found.config
    if not table.rows:
        raise fail(found.message or "the API tells of no contracts in this tournament", NO_DATA)
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
    own = settings(ctx)
    found = look(own)
    if form == "text":
        for words, table in (("stakes of the strategy", found.stakes), ("payouts of the last rounds", found.payouts)):
            if table is not None and table.rows:
                click.echo(f"{words}, without the claims:")
                show(table, form)
    if not found.proofs:
        raise fail(found.message or "nothing to claim", NO_DATA)
    if proofs:
        from numtui.stake.atomic.claims import claim_proof

        click.echo("[\n" + ",\n".join(claim_proof(one).rstrip() for one in found.proofs) + "\n]")
    else:
        show(found.claims, form)
    if found.message:
        click.echo(f"numtui: {found.message}", err=True)
    click.echo(f"numtui: claim with your wallet at {DASHBOARD[own.tournament]}", err=True)


@click.command("authorise")
@click.argument("model")
@click.option("--max", "most", required=True, metavar="NMR", help="The most that may be staked with it.")
@click.pass_context
def authorise(ctx: click.Context, /, model: str, most: str) -> None:
    """Ask for a short-lived authorisation to stake on MODEL's newest submission, and show it once.

    It is shown on a terminal only, and never written or kept: ask again where it has run out.
    """
    own = settings(ctx)
    if not sys.stdout.isatty():
        raise fail("an authorisation is shown on a terminal only: it must not end in a file or a pipe", USAGE)
    if own.offline:
        raise fail("--offline: an authorisation comes from the API")
    from numtui.stake.atomic.authorization import authorize_model
    from numtui.stake.service import open_service

    client = open_service(own, clock_from_env()).client
    strategy = own.staker.get(own.tournament)
    lines = client.ask(lambda queries: authorize_model(queries, own.tournament, model, most, strategy)).show_once()
    click.echo("\n".join(lines))
    click.echo("numtui: shown once, kept nowhere; it is bound to this submission and runs out soon", err=True)
