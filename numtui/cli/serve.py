"""`numtui serve`: the screens in a browser on this machine, for reading only."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from typing import Any

import click

from numtui.cli.main import fail, session_settings
from numtui.errors import USAGE

LOOPBACK = "127.0.0.1"
PORT = 8650
COOKIE = "numtui"
# The page of textual-serve asks for a font elsewhere: nothing but this server is asked.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self' ws://127.0.0.1:{port} ws://localhost:{port}"
)
NEEDS = "the screens in a browser need one more package: pip install 'numtui[web]'"


@click.command("serve")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True, help="On 127.0.0.1 alone.")
@click.pass_context
def command(ctx: click.Context, /, port: int) -> None:
    """Show the screens in a browser on this machine. Stakes cannot be changed there, whatever the settings say.

    The address that is printed holds a token that is made anew each time: whoever has it sees what you see.
    From another machine: ssh -L 8650:127.0.0.1:8650 this-machine, then open the address there.
    """
    if find_spec("textual_serve") is None:
        raise fail(NEEDS, USAGE)
    from numtui.poller.supervisor import own_command  # the options that say the same settings to a child

    in_force = session_settings(ctx)
    words = own_command(in_force, *(["--offline"] if in_force.offline else []), "run")
    served(shlex.join(words), port, secrets.token_urlsafe(24)).serve()


def served(child: str, port: int, token: str) -> Any:
    """A server of the command `child` that answers only to who has the token, under its own name."""
    from aiohttp import web
    from textual_serve.server import Server

    class TokenServer(Server):
        """Textual's server with a token in the address, which becomes a cookie."""

        async def _make_app(self) -> web.Application:
            app = await super()._make_app()
            app.middlewares.append(guarded)
            return app

        async def on_startup(self, app: web.Application) -> None:
            """Say the address, the token with it."""
            click.echo(f"numtui: http://{LOOPBACK}:{port}/?token={token} (ctrl+c ends it)", err=True)

        def initialize_logging(self) -> None:
            """Nothing: requests would show the token."""

    own = {f"{LOOPBACK}:{port}", f"localhost:{port}"}

    @web.middleware
    async def guarded(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """403 for another name (a page elsewhere that points here), another page's request, or no token."""
        origin = request.headers.get("Origin")
        ours = request.host in own and (origin is None or origin.removeprefix("http://") in own)
        asked = request.query.get("token", "")
        known = secrets.compare_digest(asked or request.cookies.get(COOKIE, ""), token)
        if not ours or not known:
            raise web.HTTPForbidden(text="This address needs the token that `numtui serve` printed.")
        if asked:  # out of the address, so that it stands in no history of pages that are left from here
            found = web.HTTPFound(request.path)
            found.set_cookie(COOKIE, token, httponly=True, samesite="Strict")
            raise found
        answer = await handler(request)
        if not answer.prepared:
            answer.headers["Referrer-Policy"] = "no-referrer"
            answer.headers["Content-Security-Policy"] = POLICY.format(port=port)
        return answer

    return TokenServer(child, host=LOOPBACK, port=port, title="numtui")
