"""`numtui stake reconcile`, `settle`, `note` and `journal`: outcomes of changes, and the journal that keeps them."""

from __future__ import annotations

import click

from numtui.cli.main import fail, session_settings
from numtui.cli.stake.apply import WORDS
from numtui.clock import clock_from_env
from numtui.errors import FAILED
from numtui.model import Tournament
from numtui.stake.journal.journal import Outcome

# numtui.stake.service and .reconcile bring the HTTP client with them: they are imported when something is read.


@click.command("reconcile")
@click.pass_context
def reconcile(ctx: click.Context, /) -> None:
    """Find out whether changes with an unknown outcome were made. Reads the account, writes the journal only.

    Exit code 0 when nothing is unknown any more, else 1.
    """
    from numtui.stake.reconcile import reconcile as look
    from numtui.stake.service import open_service

    settings = session_settings(ctx)
    if settings.offline:
        raise fail("--offline: there is nothing to find out without the network")
    results = look(open_service(settings, clock_from_env()))
    for result in results:
        intent = result.intent
        click.echo(
            f"entry {intent.entry}: {intent.model}: {intent.action} {intent.requested} NMR: {WORDS[result.outcome]}"
        )
        click.echo(f"  {result.message}")
    if not results:
        click.echo("numtui: no change of this account has an unknown outcome", err=True)
    if any(result.outcome is Outcome.UNKNOWN for result in results):
        raise click.exceptions.Exit(FAILED)


@click.command("settle")
@click.argument("entry", type=int)
@click.option("--done/--not-done", "took_effect", default=None, required=True, help="What the website shows.")
@click.option("--note", required=True, help="How you know.")
@click.pass_context
def settle(ctx: click.Context, /, entry: int, took_effect: bool, note: str) -> None:
    """Record the outcome of the unknown change ENTRY of the journal by hand, after a look at the website."""
    from numtui.stake.reconcile import settle as settle_by_hand
    from numtui.stake.service import open_service

    service = open_service(session_settings(ctx), clock_from_env())
    account = service.client.read(Tournament.CLASSIC).snapshot.account
    settle_by_hand(service, account, entry, took_effect=took_effect, note=note)
    click.echo(f"numtui: entry {entry} is settled; its model can be changed again", err=True)


@click.command("note")
@click.argument("entry", type=int)
@click.argument("text")
@click.pass_context
def note(ctx: click.Context, /, entry: int, text: str) -> None:
    """Add a note to ENTRY of the journal (`numtui export journal` shows it)."""
    from numtui.stake.service import open_service

    clock = clock_from_env()
    service = open_service(session_settings(ctx), clock)
    account = service.client.read(Tournament.CLASSIC).snapshot.account
    service.journal(account).note(entry, text, clock.now())
    click.echo(f"numtui: noted at entry {entry}", err=True)


@click.command("journal")
@click.option("--begin-anew", is_flag=True, help="Do without a journal that is lost or damaged.")
@click.option("--note", "text", default="", help="How you know that no change is left unknown.")
@click.pass_context
def journal(ctx: click.Context, /, begin_anew: bool, text: str) -> None:
    """Show where the journal is and whether it is complete; --begin-anew starts again where it is lost or damaged.

    With a lost journal the locks of unknown changes would be forgotten: look at the website first.
    """
    from numtui.stake.service import open_service

    clock = clock_from_env()
    service = open_service(session_settings(ctx), clock)
    account = service.client.read(Tournament.CLASSIC).snapshot.account
    book = service.journal(account)
    if begin_anew:
        with service.lock(account):
            aside = book.begin_anew(text, clock.now())
        kept = f"; the damaged one is kept as {aside}" if aside else ""
        click.echo(f"numtui: the journal was begun anew{kept}", err=True)
    rows, unknown = book.entries(), book.unknown()
    click.echo(f"{book.path}: {len(rows)} entries, {len(unknown)} with an unknown outcome")
