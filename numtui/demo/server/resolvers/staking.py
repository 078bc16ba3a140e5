"""Changes of legacy stakes, and the API's part of Atomic staking (v3)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from hashlib import sha256

from numtui.demo import DEMO_STAKERS
from numtui.demo.market.ledger import ATOM, Position
from numtui.demo.market.population import ModelInfo
from numtui.demo.market.state import Change, stamp
from numtui.demo.server.engine import ApiError, Arguments
from numtui.demo.server.resolvers.account import change_object, legacy, own_models
from numtui.demo.server.resolvers.session import Session, SessionResolver
from numtui.demo.server.wire import submission_id, wei
from numtui.model import Tournament

MINIMUM = Decimal("0.01")
CLAIM_WINDOW = timedelta(days=7)
SCOPE = "web3_staking"
ADDRESSES = {
    "address": "0x0000000000000000000000000000000a70313c08",
    "authorizationSigner": "0x00000000000000000000000000000000519e4000",
    "nmrAddress": "0x0000000000000000000000000000000000000e3e",
    "owner": "0x0000000000000000000000000000000000000a11",
    "serviceWallet": "0x00000000000000000000000000000000005e4f1c",
}


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ApiError(f"Invalid amount {text!r}") from None
    if not amount.is_finite() or amount < MINIMUM:
        raise ApiError(f"The minimum amount is {MINIMUM} NMR")
    return amount.quantize(ATOM)


def _changeable(session: Session, model_id: str | None) -> ModelInfo:
    """A model whose legacy stake may be changed with this key, or the API's error."""
    session.require("stake")
    if model_id is None:
        raise ApiError("modelId is required")
    model = session.own_model(model_id)
    if not legacy(session, model.tournament):
        raise ApiError("Staking has moved to Atomic staking for this tournament; legacy staking is closed")
    return model


def _change(session: Session, model: ModelInfo, kind: str, amount: Decimal, drain: bool = False) -> object:
    market = session.market
    newest = market.newest(session.now)
    due = None if kind == "increase" else stamp(market.times(model.tournament, newest).resolve)
    text = f"{model.id} {len(market.state.changes)} {kind} {amount}"
    change = Change(
        id=sha256(text.encode()).hexdigest()[:32],
        tournament=int(model.tournament),
        model_id=model.id,
        type=kind,
        amount=str(amount),
        requested_at=stamp(session.now),
        effective_round=newest + 1,
        due_date=due,
        drain=drain,
    )
    market.state.add(change)
    return change_object(change, "pending")


def _increase(session: Session, model: ModelInfo, amount: Decimal) -> object:
    if amount > session.market.ledger.available():
        raise ApiError("Insufficient NMR available")
    return _change(session, model, "increase", amount)


def _releasable(session: Session, model: ModelInfo) -> Decimal:
    pending = session.market.ledger.pending(model)
    asked = sum((change.nmr for change in pending if change.type == "decrease"), Decimal(0))
    return session.market.ledger.stake(model) - asked


def _decrease(session: Session, model: ModelInfo, amount: Decimal) -> object:
    if amount > _releasable(session, model):
        raise ApiError("The amount is above the stake")
    return _change(session, model, "decrease", amount)


def change_stake(session: Session, arguments: Arguments) -> object:
    """Increase or decrease a legacy stake."""
    model = _changeable(session, arguments.get("modelId"))
    if arguments["tournamentNumber"] != int(model.tournament):
        raise ApiError("The model is not of this tournament")
    amount = _amount(arguments["value"])
    match arguments["type"]:
        case "increase":
            return _increase(session, model, amount)
        case "decrease":
            return _decrease(session, model, amount)
        case other:
            raise ApiError(f"Unknown type {other!r}")


def increase_stake(session: Session, arguments: Arguments) -> object:
    """Increase a legacy stake."""
    model = _changeable(session, arguments["modelId"])
    return _increase(session, model, _amount(arguments["amount"]))


def release_stake(session: Session, arguments: Arguments) -> object:
    """Release a part of a legacy stake, or all of it (`drain`, whatever the amount says)."""
    model = _changeable(session, arguments["modelId"])
    if not arguments.get("drain"):
        return _decrease(session, model, _amount(arguments["amount"]))
    everything = _releasable(session, model)
    if everything <= 0:
        raise ApiError("Nothing to release")
    return _change(session, model, "decrease", everything, drain=True)


def cancel_release(session: Session, arguments: Arguments) -> object:
    """Cancel a model's pending releases; answers with the newest of them."""
    model = _changeable(session, arguments["modelId"])
    releases = [change for change in session.market.ledger.pending(model) if change.type == "decrease"]
    if not releases:
        raise ApiError("No pending stake release")
    cancelled = [session.market.state.cancel(change) for change in releases]
    return change_object(cancelled[-1], "cancelled")


def change_payout_selection(session: Session, arguments: Arguments) -> object:
    """Choose whether payouts are taken out of the stake."""
    model = _changeable(session, arguments["modelId"])
    if arguments["tournamentNumber"] != int(model.tournament):
        raise ApiError("The model is not of this tournament")
    session.market.state.select_payout(model.id, arguments["takeProfit"])
    return "success"


def _hash(*words: object) -> str:
    return "0x" + sha256(" ".join(map(str, words)).encode()).hexdigest()


def stake_config(session: Session, _: Arguments) -> object:
    """The contract's addresses."""
    session.require(SCOPE)
    return ADDRESSES | {"paused": False, "pendingOwner": None}


def _round_of(session: Session, text: str, tournament: Tournament) -> int:
    """An Atomic round by its plain number; the API's error where there is none."""
    number = int(text) if text.isdigit() else 0
    known = number in session.market.rounds(tournament)
    if not known or not session.market.terms(tournament, number).atomic:
        raise ApiError("Round not found")
    return number


def stake_round(session: Session, arguments: Arguments) -> object:
    """A round on the contract."""
    session.require(SCOPE)
    tournament = session.tournament(arguments["tournamentId"])
    number = _round_of(session, arguments["roundId"], tournament)
    times = session.market.times(tournament, number)
    resolved = session.now >= times.resolve
    total = Decimal(str(round(session.market.arena(tournament).total_at_risk(number), 6)))
    return {
        "roundId": str(number),
        "tournamentId": str(int(tournament)),
        "state": {"OPEN": "Open", "RESOLVING": "Closed"}.get(times.status(session.now), "Resolved"),
        "openTime": str(int(times.open.timestamp())),
        "closeTime": str(int(times.close.timestamp())),
        "resolveTime": str(int(times.resolve.timestamp())),
        "resolved": resolved,
        "totalStaked": wei(total),
        "totalPayout": wei(total * Decimal("0.02")) if resolved else "0",
        "remainingPayout": "0",
        "remainingBurn": "0",
        "merkleRoot": _hash("root", tournament, number) if resolved else None,
    }


def _claim(model: ModelInfo, position: Position) -> dict[str, object]:
    payout = position.payout() or Decimal(0)
    gain, burn = max(payout, Decimal(0)), max(-payout, Decimal(0))
    number = position.number
    return {
        "apiModelId": model.id,
        "modelId": str(int(model.id.replace("-", ""), 16)),
        "roundId": str(number),
        "tournamentId": str(int(model.tournament)),
        "staker": DEMO_STAKERS[model.tournament.label],
        "submissionId": submission_id(model.id, number),
        "payoutAmountWei": wei(gain),
        "burnAmountWei": wei(burn),
        "claimableAmountWei": wei(position.at_risk + payout),
        "merkleRoot": _hash("root", model.tournament, number),
        "proof": [_hash("proof", model.id, number, level) for level in range(8)],
    }


def _staked_by(staker: str, tournament: Tournament) -> bool:
    """Whether the account's positions in a tournament belong to this address."""
    return staker.lower() == DEMO_STAKERS.get(tournament.label)


def _claimable(session: Session, model: ModelInfo, position: Position) -> bool:
    """Whether a position has resolved in the last seven days; later ones were finalised for their owner."""
    age = session.now - session.market.times(model.tournament, position.number).resolve
    return position.terms.atomic and bool(position.at_risk) and timedelta(0) <= age <= CLAIM_WINDOW


def stake_claims(session: Session, arguments: Arguments) -> object:
    """Resolved positions of a staker that have not been claimed; the account's wallet has none."""
    session.require(SCOPE)
    tournament = session.tournament(arguments["tournamentId"])
    if not _staked_by(arguments["staker"], tournament):
        return []
    return [
        _claim(model, position)
        for model in session.market.account_models_of(tournament)
        for position in session.market.ledger.positions(model)[-90:]
        if _claimable(session, model, position)
    ]


def stake_claim(session: Session, arguments: Arguments) -> object:
    """The claim of one position."""
    session.require(SCOPE)
    model = session.own_model(arguments["modelId"])
    number = _round_of(session, arguments["roundId"], model.tournament)
    asked = arguments.get("tournamentId")
    if not _staked_by(arguments["staker"], model.tournament) or asked not in (None, int(model.tournament)):
        raise ApiError("Claim not found")
    for position in session.market.ledger.positions(model):
        if position.number == number and position.resolved and position.at_risk:
            return _claim(model, position)
    raise ApiError("Claim not found")


def stake_auth(session: Session, arguments: Arguments) -> object:
    """An authorisation to stake on a submission of an open round; its signature signs nothing anywhere."""
    session.require(SCOPE)
    wanted = arguments["submissionId"]
    model = next((m for m in own_models(session) if m.id[:23] == wanted[:23]), None)
    number = int(wanted[-12:], 16) if model else 0
    if model is None or number not in session.market.rounds(model.tournament):
        raise ApiError("Submission not found")
    times = session.market.times(model.tournament, number)
    if times.status(session.now) != "OPEN" or not session.market.terms(model.tournament, number).atomic:
        raise ApiError("Current round not open for staking")
    nonce = int(session.now.timestamp())
    deadline = min(times.close, session.now + timedelta(minutes=15))
    return {
        "authorizationDigest": _hash("digest", wanted, nonce),
        "authorizationSigner": ADDRESSES["authorizationSigner"],
        "chainId": "1",
        "deadline": str(int(deadline.timestamp())),
        "maxAmount": wei(_amount(arguments["maxAmount"])),
        "modelId": str(int(model.id.replace("-", ""), 16)),
        "nmrAddress": ADDRESSES["nmrAddress"],
        "nonce": str(nonce),
        "roundId": str(number),
        "signature": _hash("signature", wanted, nonce) + _hash("s", wanted, nonce)[2:] + "1b",
        "staker": arguments["staker"],
        "stakingAddress": ADDRESSES["address"],
        "submissionHash": _hash("submission", wanted),
        "submissionId": wanted,
        "tournamentId": str(int(model.tournament)),
    }


def service_wallet(session: Session, _: Arguments) -> object:
    """The service's own wallet; nothing of the account lies in it."""
    session.require(SCOPE)
    return {
        "nmrAddress": ADDRESSES["nmrAddress"],
        "serviceWallet": ADDRESSES["serviceWallet"],
        "stakingAddress": ADDRESSES["address"],
        "stakingAllowance": wei(Decimal(1000)),
        "walletBalance": wei(Decimal("250.5")),
    }


RESOLVERS: dict[str, SessionResolver] = {
    "v2ChangeStake": change_stake,
    "increaseStake": increase_stake,
    "releaseStake": release_stake,
    "cancelPendingStakeRelease": cancel_release,
    "v3ChangePayoutSelection": change_payout_selection,
    "v3StakeConfig": stake_config,
    "v3StakeRound": stake_round,
    "v3StakeClaims": stake_claims,
    "v3StakeClaim": stake_claim,
    "v3StakeAuth": stake_auth,
    "v3StakeServiceWallet": service_wallet,
}
