"""Payouts, pending payouts and stakes of the account's models."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

from numtui.demo.market.population import ModelInfo
from numtui.demo.server.engine import Arguments
from numtui.demo.server.resolvers.account import own_models
from numtui.demo.server.resolvers.prices import price
from numtui.demo.server.resolvers.session import Session, SessionResolver
from numtui.demo.server.wire import money, round_id, time_string
from numtui.model import Tournament

PAYOUT_HISTORY = timedelta(days=31)
PENDING_ROUNDS = 30


def _transactions(session: Session, each: ModelInfo) -> list[dict[str, object]]:
    """A model's changes of stake, what its strategy staked on Atomic rounds, and its payouts of the last month."""
    out: list[dict[str, object]] = []

    def add(amount: Decimal, kind: str, time: str | None, number: int | None, note: str | None) -> None:
        out.append(
            {
                "amount": money(amount), "value": money(amount), "model": each.name, "modelId": each.id, "note": note,
                "round": number, "timestamp": time, "tournament": int(each.tournament), "type": kind,
                "nmrPrice": str(price(session.now)), "nmrPriceLastUpdated": time_string(session.now),
            }
        )  # fmt: skip

    for change in session.market.state.of_model(each.tournament, each.id):
        note = "cancelled" if change.cancelled else "drain" if change.drain else None
        amount = change.nmr if change.type == "increase" else -change.nmr
        add(amount, change.type, change.requested_at, change.effective_round, note)
    for position in session.market.ledger.positions(each):
        times = session.market.times(each.tournament, position.number)
        resolve = times.resolve
        if position.terms.atomic and position.at_risk and times.close <= session.now:
            sent = f"0x{sha256(f'{each.id} {position.number}'.encode()).hexdigest()}"
            add(position.at_risk, "strategy stake", time_string(times.close), position.number, sent)
        if not position.resolved or session.now - resolve > PAYOUT_HISTORY:
            continue
        payout = position.payout()
        if payout:
            add(payout, "payout" if payout > 0 else "burn", time_string(resolve), position.number, None)
    return out


def stake_transactions(session: Session, arguments: Arguments) -> object:
    """Changes of stake, payouts and burns of the account's models, newest first."""
    session.require("read_user_info")
    ids = [*(arguments.get("modelIds") or []), *([arguments["modelId"]] if arguments.get("modelId") else [])]
    models = [session.own_model(each) for each in ids] if ids else list(own_models(session))
    entries = [entry for each in models for entry in _transactions(session, each)]
    kind = arguments.get("type")
    if kind is not None:
        entries = [entry for entry in entries if entry["type"] == kind]
    entries.sort(key=lambda entry: str(entry["timestamp"]), reverse=True)
    offset, limit = arguments.get("offset") or 0, arguments.get("limit")
    return entries[offset:] if limit is None else entries[offset : offset + limit]


def _newest_scored(session: Session, tournament: Tournament) -> int:
    """Number of the newest round that has a score."""
    rounds = reversed(session.market.rounds(tournament))
    return next(n for n in rounds if session.now >= session.market.times(tournament, n).score)


def pending_payouts(session: Session, arguments: Arguments) -> object:
    """Settled payouts of the last month (`actual`) and what the newest unresolved rounds stand at (`pending`)."""
    session.require("read_user_info")
    tournament = session.tournament(arguments["tournament"])
    actual: list[dict[str, object]] = []
    pending: list[dict[str, object]] = []
    rate = price(session.now)
    newest = _newest_scored(session, tournament)
    for each in session.market.account_models_of(tournament):
        for position in session.market.ledger.positions(each)[-120:]:
            resolve = session.market.times(tournament, position.number).resolve
            payout = position.payout()
            if payout is None or session.now - resolve > PAYOUT_HISTORY:
                continue
            if not position.resolved and position.number <= newest - PENDING_ROUNDS:
                continue
            entry: dict[str, object] = {
                "roundId": round_id(tournament, position.number),
                "roundNumber": position.number,
                "roundResolveTime": resolve.date().isoformat(),
                "modelId": each.id,
                "modelName": each.name,
                "modelDisplayName": each.name,
                "payoutNmr": money(payout),
                "payoutValue": f"{payout * rate:.2f}",
                "currencySymbol": "$",
            }
            (actual if position.resolved else pending).append(entry)
    return {"actual": actual, "pending": pending}


RESOLVERS: dict[str, SessionResolver] = {
    "stakeTransactions": stake_transactions,
    "pendingModelPayouts": pending_payouts,
}
