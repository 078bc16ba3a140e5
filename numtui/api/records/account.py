"""The API's records about an account, its stakes and payouts, one round in detail, and staking v3."""

from __future__ import annotations

from msgspec import field

from numtui.api.records.public import Returns
from numtui.api.wire import Instant, Money, Whole, Wire


class StakeRequest(Wire):
    """A pending change of a legacy stake, or the answer to one. `type` increase or decrease, as the API spells it."""

    id: str | None = None
    type: str | None = None
    status: str | None = None
    requested_amount: Money | None = None
    due_date: Instant | None = None
    drain: bool | None = None


class Stake(Wire):
    """A model's legacy stake."""

    latest_value: Money | None = None
    latest_value_settled: Money | None = None
    stake_value: Money | None = None
    status: str | None = None
    tournament_number: Whole | None = None
    take_profit: bool | None = None
    pending_v2_change_stake_request: StakeRequest | None = None


class SubmissionRound(Wire):
    """The round that a submission is for."""

    number: Whole | None = None
    tournament: Whole | None = None


class Submission(Wire):
    """A model's newest submission. Churn and turnover are fractions (Signals)."""

    id: str | None = None
    filename: str | None = None
    inserted_at: Instant | None = None
    selected: bool | None = None
    status: str | None = None
    error_info: str | None = None
    tickers_accepted_count: Whole | None = None
    tickers_submitted_count: Whole | None = None
    prev_week_churn_max: float | None = None
    prev_week_turnover_max: float | None = None
    round: SubmissionRound | None = None


class LatestSubmission(Wire):
    """A submission with its round's dates."""

    id: str | None = None
    filename: str | None = None
    status: str | None = None
    timestamp: Instant | None = None
    round_number: Whole | None = None
    round_open: str | None = None
    round_close: str | None = None
    round_close_staking: str | None = None


class OwnModel(Wire):
    """One of the account's models."""

    id: str | None = None
    name: str | None = None
    tournament: Whole | None = None
    archived: bool | None = None
    earliest_release_date: Instant | None = None
    v2_stake: Stake | None = None
    latest_submission_v2: Submission | None = None
    latest_submissions: list[LatestSubmission] | None = None


class ScheduledStakeTxn(Wire):
    """A stake change that waits for its due date."""

    amount: Money | None = None
    drain: bool | None = None
    due_date: Instant | None = None
    model: str | None = None
    status: str | None = None
    time: Instant | None = None
    tournament: Whole | None = None
    type: str | None = None


class AccountState(Wire):
    """The part of the account that moves without a scoring run: wallet, stakes, pending changes, submissions."""

    username: str | None = None
    wallet_address: str | None = None
    available_nmr: Money | None = None
    held_for_pending_withdrawals: Money | None = None
    held_for_scheduled_stake_increases: Money | None = None
    models: list[OwnModel] | None = None
    scheduled_stake_txns: list[ScheduledStakeTxn] | None = None


class StakeValue(Wire):
    """A stake total at a time."""

    time: Instant | None = None
    value: Money | None = None
    delta: Money | None = None


class Account(AccountState):
    """The whole account. Without its e-mail address and keys: nothing here needs them."""

    id: str | None = None
    display_name: str | None = None
    status: str | None = None
    inserted_at: Instant | None = None
    mfa_enabled: bool | None = None
    on_chain_wallet_balance: Money | None = None
    max_model_slots: Whole | None = None
    default_currency: str | None = None
    default_currency_symbol: str | None = None
    total_stake_values: list[StakeValue] | None = None


class TokenInfo(Wire):
    """The API key in use: its account and what it may do."""

    account_username: str | None = None
    name: str | None = None
    public_id: str | None = None
    scopes: list[str] | None = None


class WalletTxn(Wire):
    """A movement of the wallet."""

    amount: Money | None = None
    sender: str | None = field(default=None, name="from")
    to: str | None = None
    status: str | None = None
    time: Instant | None = None
    tournament: Whole | None = None
    tx_hash: str | None = None
    type: str | None = None


class Wallet(Wire):
    """The account's NMR and its movements."""

    username: str | None = None
    wallet_address: str | None = None
    available_nmr: Money | None = None
    on_chain_wallet_balance: Money | None = None
    held_for_pending_withdrawals: Money | None = None
    held_for_scheduled_stake_increases: Money | None = None
    wallet_txns: list[WalletTxn] | None = None
    pending_txns: list[WalletTxn] | None = None


class StakeTxn(Wire):
    """A change of a legacy stake: payout, burn, increase, release. `value` is the stake after it."""

    amount: Money | None = None
    value: Money | None = None
    model: str | None = None
    model_id: str | None = None
    note: str | None = None
    round: Whole | None = None
    timestamp: Instant | None = None
    tournament: Whole | None = None
    type: str | None = None
    nmr_price: Money | None = None


class Payout(Wire):
    """A model's payout for a round, NMR and fiat; negative is a burn."""

    round_id: str | None = None
    round_number: Whole | None = None
    round_resolve_time: str | None = None
    model_id: str | None = None
    model_name: str | None = None
    model_display_name: str | None = None
    payout_nmr: Money | None = None
    payout_value: Money | None = None
    currency_symbol: str | None = None


class Payouts(Wire):
    """Settled (`actual`) and pending payouts of the account's models in one tournament."""

    actual: list[Payout] | None = None
    pending: list[Payout] | None = None


class ProfileModel(Wire):
    """A model on an account's public page; its name is `display_name`."""

    id: str | None = None
    display_name: str | None = None
    tournament: Whole | None = None
    start_date: Instant | None = None
    stake: Money | None = None
    return_1y: float | None = None


class AccountProfile(Wire):
    """An account's public page with its models."""

    id: str | None = None
    username: str | None = None
    display_name: str | None = None
    team: bool | None = None
    is_active: bool | None = None
    start_date: Instant | None = None
    title: str | None = None
    tournament: Whole | None = None
    total_stake: Money | None = None
    returns: Returns | None = None
    models: list[ProfileModel] | None = None


class DetailMultiplier(Wire):
    """A score's multiplier in a round."""

    display_name: str | None = None
    multiplier: float | None = None


class Histogram(Wire):
    """Counts of models by return."""

    bins: list[float] | None = None
    counts: list[Whole] | None = None


class ModelDetail(Wire):
    """A model in a round's detail."""

    id: str | None = None
    model_name: str | None = None
    team: bool | None = None
    selected_stake_value: Money | None = None
    payout_pending: Money | None = None
    payout_settled: Money | None = None
    corr: float | None = None
    corr_percentile: float | None = None
    corr20: float | None = field(default=None, name="corr_20")
    v2_corr20: float | None = None
    v2_corr20_percentile: float | None = None
    corr60: float | None = field(default=None, name="corr_60")
    corr60_percentile: float | None = None
    mmc: float | None = None
    mmc_percentile: float | None = None
    mmc60: float | None = field(default=None, name="mmc_60")
    bmc: float | None = None
    bmc_percentile: float | None = None
    tc: float | None = None
    tc_percentile: float | None = None
    fnc_v3: float | None = None
    fnc_v4: float | None = None
    alpha: float | None = None
    alpha_percentile: float | None = None
    mpc: float | None = None
    mpc_percentile: float | None = None
    corr_w_meta_model: float | None = None
    mcwnm: float | None = None
    apcwnm: float | None = None


class RoundDetails(Wire):
    """One round with every model in it: about 1.5 MB for a live Classic round."""

    round_id: str | None = None
    round_number: Whole | None = None
    tournament: Whole | None = None
    status: str | None = None
    round_target: str | None = None
    open_time: Instant | None = None
    close_time: Instant | None = None
    close_staking_time: Instant | None = None
    score_time: Instant | None = None
    scores_updated_time: Instant | None = None
    round_resolve_time: Instant | None = None
    round_resolved: bool | None = None
    payout_factor: Money | None = None
    payout_multipliers: list[DetailMultiplier] | None = None
    total_at_stake: float | None = None
    total_payout: float | None = None
    total_earned: float | None = None
    total_burned: float | None = None
    total_stakes: Whole | None = None
    total_submitted: Whole | None = None
    models: list[ModelDetail] | None = None
    all_histogram_data: Histogram | None = None
    staked_histogram_data: Histogram | None = None
