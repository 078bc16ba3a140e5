"""The records of staking v3 (Atomic). Amounts in wei are integer texts: NMR = Decimal(wei) / 10**18."""

from __future__ import annotations

from numtui.api.wire import Wire
from numtui.model import Tournament

NUMBERS = 100_000  # a round's id that is no plain number holds the tournament's before five digits of the round's


def round_number(text: str | None, tournament: Tournament) -> int | None:
    """The plain number of a round on the contract, also of an id such as 801343; None where the text is neither."""
    if text is None or not text.isdecimal():
        return None
    prefix, number = divmod(int(text), NUMBERS)
    return number if prefix in (0, int(tournament)) else None


class StakeConfig(Wire):
    """The contracts' addresses. Never hard-code them."""

    address: str | None = None
    authorization_signer: str | None = None
    nmr_address: str | None = None
    owner: str | None = None
    paused: bool | None = None
    pending_owner: str | None = None
    service_wallet: str | None = None


class StakeRound(Wire):
    """A round on chain; times are texts as the API gives them, totals in wei."""

    round_id: str | None = None
    tournament_id: str | None = None
    state: str | None = None
    open_time: str | None = None
    close_time: str | None = None
    resolve_time: str | None = None
    resolved: bool | None = None
    total_staked: str | None = None
    total_payout: str | None = None
    remaining_payout: str | None = None
    remaining_burn: str | None = None
    merkle_root: str | None = None
    payout_factor: str | None = None
    stake_cap: str | None = None
    stake_threshold: str | None = None


class StakeAuthorization(Wire):
    """A short-lived permission to stake, bound to a submission and a nonce. Show it once; never store or reuse it."""

    authorization_digest: str | None = None
    authorization_signer: str | None = None
    chain_id: str | None = None
    deadline: str | None = None
    max_amount: str | None = None
    model_id: str | None = None
    nmr_address: str | None = None
    nonce: str | None = None
    round_id: str | None = None
    signature: str | None = None
    staker: str | None = None
    staking_address: str | None = None
    submission_hash: str | None = None
    submission_id: str | None = None
    tournament_id: str | None = None

    def __repr__(self) -> str:
        """Without the signature: a repr may end in a log."""
        return f"StakeAuthorization(round_id={self.round_id!r}, model_id={self.model_id!r}, ...)"


class StakeClaim(Wire):
    """A resolved position that can be claimed, with its Merkle proof; amounts in wei."""

    api_model_id: str | None = None
    model_id: str | None = None
    round_id: str | None = None
    tournament_id: str | None = None
    staker: str | None = None
    submission_id: str | None = None
    payout_amount_wei: str | None = None
    burn_amount_wei: str | None = None
    claimable_amount_wei: str | None = None
    merkle_root: str | None = None
    proof: list[str] | None = None


class StakeWallet(Wire):
    """The service wallet and what it may move; amounts in wei."""

    nmr_address: str | None = None
    service_wallet: str | None = None
    staking_address: str | None = None
    staking_allowance: str | None = None
    wallet_balance: str | None = None
