"""The demo account: its models, submissions and wallet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from numtui.demo import DEMO_ACCOUNT, DEMO_WALLET
from numtui.demo.market.ledger import WALLET, ZERO
from numtui.demo.market.population import ModelInfo, account_id
from numtui.demo.market.state import Change
from numtui.demo.server.engine import Arguments
from numtui.demo.server.resolvers.profiles import returns_object, stake_value, start_date
from numtui.demo.server.resolvers.rounds import round_object
from numtui.demo.server.resolvers.scores import TURNOVER_LIMIT
from numtui.demo.server.resolvers.session import KEYS, Session, SessionResolver
from numtui.demo.server.wire import money, money_with_commas, submission_id, time_string
from numtui.model import Tournament

DEPOSIT_AT = datetime(2024, 3, 1, 12, tzinfo=UTC)
STAKE_CONTRACT = "0x000000000000000000000000000000000057a4e0"


def own_models(session: Session) -> Iterable[ModelInfo]:
    """The account's models of all tournaments."""
    for tournament in Tournament:
        yield from session.market.account_models_of(tournament)


def change_object(change: Change, status: str, amount: Decimal | None = None) -> dict[str, object]:
    """A V2ChangeStakeRequest."""
    return {
        "id": change.id,
        "type": change.type,
        "status": status,
        "requestedAmount": str(change.nmr if amount is None else amount),
        "dueDate": change.due_date,
        "drain": change.drain,
    }


def pending_change(session: Session, model: ModelInfo) -> dict[str, object] | None:
    """The model's pending request: the newest, with the sum of those of its kind."""
    pending = session.market.ledger.pending(model)
    if not pending:
        return None
    newest = pending[-1]
    total = sum((change.nmr for change in pending if change.type == newest.type), Decimal(0))
    return change_object(newest, "pending", total)


def legacy(session: Session, tournament: Tournament) -> bool:
    """Whether a tournament is still on legacy staking."""
    return not session.market.terms(tournament, session.market.newest(session.now)).atomic


def _v2_stake(session: Session, model: ModelInfo) -> dict[str, object] | None:
    """Legacy stake, its latest value with unsettled earnings; null on Atomic tournaments, where it was paid back."""
    if not legacy(session, model.tournament):
        return None
    return {
        "latestValue": lambda: money(stake_value(session, model) or ZERO),
        "latestValueSettled": money(session.market.ledger.stake(model)),
        "stakeValue": lambda: money(stake_value(session, model) or ZERO),
        "status": "confirmed",
        "txHash": f"0x{model.id.replace('-', ''):0>64}",
        "tournamentNumber": int(model.tournament),
        "takeProfit": session.market.state.take_profit.get(model.id, False),
        "pendingV2ChangeStakeRequest": lambda: pending_change(session, model),
    }


def submission_object(session: Session, model: ModelInfo, number: int) -> dict[str, object]:
    """A V2Submission."""
    signals = model.tournament is Tournament.SIGNALS
    churn = session.market.arena(model.tournament).churn(model.row, number) if signals else None
    status = submission_status(session, model, number)
    return {
        "id": submission_id(model.id, number),
        "filename": f"{model.name}_{number}.parquet",
        "insertedAt": time_string(session.market.submitted_at(model, number)),
        "selected": status == "accepted",
        "status": status,
        "errorInfo": "invalid_submission_ids" if status == "failed" else None,
        "tickersAcceptedCount": 4_900 if signals else None,
        "tickersSubmittedCount": 5_000 if signals else None,
        "prevWeekChurnMax": churn,
        "prevWeekTurnoverMax": None if churn is None else min(round(churn * 1.4, 4), TURNOVER_LIMIT),
        "round": lambda: round_object(session, model.tournament, number),
    }


def submission_status(session: Session, model: ModelInfo, number: int) -> str:
    """The status of a submission; a late one is accepted, for a round that has closed."""
    kind = session.market.irregular(model, number)
    return "accepted" if kind in (None, "late") else kind


def _submitted_rounds(session: Session, model: ModelInfo) -> list[int]:
    """The rounds a model has sent something to, newest first."""
    numbers = session.market.rounds(model.tournament)
    present = session.market.handed_in(model, numbers).tolist()
    return [number for number, sent in zip(reversed(numbers), reversed(present), strict=True) if sent]


def _submissions(session: Session, model: ModelInfo) -> list[dict[str, object]]:
    return [submission_object(session, model, number) for number in _submitted_rounds(session, model)]


def _latest_submission(session: Session, model: ModelInfo) -> dict[str, object] | None:
    numbers = _submitted_rounds(session, model)
    return submission_object(session, model, numbers[0]) if numbers else None


def _latest_submissions(session: Session, model: ModelInfo) -> list[dict[str, object]]:
    numbers = _submitted_rounds(session, model)
    if not numbers:
        return []
    times = session.market.times(model.tournament, numbers[0])
    submission = submission_object(session, model, numbers[0])
    return [
        {
            "id": submission["id"],
            "filename": submission["filename"],
            "status": submission["status"],
            "timestamp": submission["insertedAt"],
            "roundNumber": numbers[0],
            "roundOpen": times.open.date().isoformat(),
            "roundClose": times.close.date().isoformat(),
            "roundCloseStaking": times.close.date().isoformat(),
        }
    ]


def model_object(session: Session, model: ModelInfo) -> dict[str, object]:
    """A Model of the account."""
    releases = [c.due_date for c in session.market.ledger.pending(model) if c.due_date is not None]
    return {
        "id": model.id,
        "name": model.name,
        "username": model.account,
        "accountId": account_id(model.account),
        "tournament": int(model.tournament),
        "archived": False,
        "hidden": False,
        "computeEnabled": False,
        "earliestReleaseDate": min(releases) if releases else None,
        "insertedAt": start_date(session, model),
        "returns": lambda: returns_object(session.boards.of(model.tournament), [model.row]),
        "v2Stake": lambda: _v2_stake(session, model),
        "latestSubmissions": lambda: _latest_submissions(session, model),
        "latestSubmissionV2": lambda: _latest_submission(session, model),
        "submissions": lambda: _submissions(session, model),
    }


def _wallet_transactions(session: Session) -> list[dict[str, object]]:
    """The first deposit and every change of stake, newest first."""
    out: list[dict[str, object]] = [
        {
            "amount": money_with_commas(WALLET), "from": "0x" + "1" * 40, "to": DEMO_WALLET, "status": "confirmed",
            "time": time_string(DEPOSIT_AT), "tournament": None, "txHash": "0x" + "d" * 64, "type": "deposit",
        }
    ]  # fmt: skip
    for change in session.market.state.changes:
        increase = change.type == "increase"
        released = not increase and change.effective_at(session.now)
        if change.cancelled or not (increase or released):
            continue
        out.append(
            {
                "amount": money(change.nmr),
                "from": DEMO_WALLET if increase else STAKE_CONTRACT,
                "to": STAKE_CONTRACT if increase else DEMO_WALLET,
                "status": "confirmed",
                "time": change.requested_at if increase else change.due_date,
                "tournament": change.tournament,
                "txHash": f"0x{change.id.replace('-', ''):0>64}",
                "type": "stake" if increase else "release",
            }
        )
    return sorted(out, key=lambda txn: str(txn["time"]), reverse=True)


def _scheduled(session: Session) -> list[dict[str, object]]:
    """Changes of stake that are not yet in force."""
    return [
        {
            "amount": money(change.nmr),
            "drain": change.drain,
            "dueDate": change.due_date,
            "model": model.name,
            "status": "pending",
            "time": change.requested_at,
            "tournament": change.tournament,
            "type": change.type,
        }
        for model in own_models(session)
        for change in session.market.ledger.pending(model)
    ]


def _held(session: Session) -> Decimal:
    pending = (change for model in own_models(session) for change in session.market.ledger.pending(model))
    return sum((change.nmr for change in pending if change.type == "increase"), ZERO)


def account(session: Session, _: Arguments) -> object:
    """The account of the key."""
    session.require("read_user_info")
    available = session.market.ledger.available()

    def total() -> list[dict[str, object]]:
        value = sum((session.market.ledger.stake(model) for model in own_models(session)), ZERO)
        return [{"time": time_string(session.now), "value": money(value), "delta": money(ZERO)}]

    return {
        "id": account_id(DEMO_ACCOUNT),
        "username": DEMO_ACCOUNT,
        "displayName": DEMO_ACCOUNT,
        "email": "demo@example.org",
        "status": "VERIFIED",
        "insertedAt": time_string(DEPOSIT_AT),
        "mfaEnabled": True,
        "walletAddress": DEMO_WALLET,
        "availableNmr": money_with_commas(available),
        "onChainWalletBalance": money(available),
        "heldForPendingWithdrawals": money(ZERO),
        "heldForScheduledStakeIncreases": lambda: money(_held(session)),
        "models": lambda: [model_object(session, model) for model in own_models(session)],
        "apiTokens": [{"name": k.name, "publicId": k.public_id, "scopes": list(k.scopes)} for k in KEYS],
        "walletTxns": lambda: _wallet_transactions(session),
        "pendingTxns": [],
        "scheduledStakeTxns": lambda: _scheduled(session),
        "totalStakeValue": total,
        "totalStakeValues": total,
        "maxModelSlots": max(70, session.market.account_models),
        "defaultCurrency": "USD",
        "defaultCurrencySymbol": "$",
    }


def token_info(session: Session, _: Arguments) -> object:
    """What the key may do."""
    key = session.require()
    return {"accountUsername": DEMO_ACCOUNT, "name": key.name, "publicId": key.public_id, "scopes": list(key.scopes)}


def model(session: Session, arguments: Arguments) -> object:
    """One of the account's models."""
    session.require("read_user_info")
    model_id = arguments.get("modelId")
    info = next(iter(own_models(session))) if model_id is None else session.own_model(model_id)
    return model_object(session, info)


def submissions(session: Session, arguments: Arguments) -> object:
    """A model's submissions, newest first, or one by its id."""
    session.require("read_submission_info")
    wanted, model_id = arguments.get("id"), arguments.get("modelId")
    models = list(own_models(session)) if model_id is None else [session.own_model(model_id)]
    if wanted is not None:
        models = [each for each in models if each.id[:23] == wanted[:23]]
    entries = [entry for each in models for entry in _submissions(session, each)]
    return entries if wanted is None else [entry for entry in entries if entry["id"] == wanted]


RESOLVERS: dict[str, SessionResolver] = {
    "account": account,
    "apiTokenInfo": token_info,
    "model": model,
    "submissions": submissions,
}
