"""The resolvers of the simulated API's root fields, by subject."""

from __future__ import annotations

from numtui.demo.server.engine import Resolver
from numtui.demo.server.resolvers import account, boards, payouts, prices, profiles, rounds, scores, staking
from numtui.demo.server.resolvers.session import Session, SessionResolver


def resolvers(session: Session) -> dict[str, Resolver]:
    """The resolver of every field of Query and Mutation, for one request."""
    table: dict[str, Resolver] = {}
    for module in (rounds, scores, boards, profiles, prices, payouts, account, staking):
        table.update({name: _bound(function, session) for name, function in module.RESOLVERS.items()})
    return table


def _bound(function: SessionResolver, session: Session) -> Resolver:
    return lambda arguments: function(session, arguments)
