"""The API's public records: rounds, scores, leaderboards, profiles, prices, the scoring pipeline.

The GraphQL documents are made from these classes (documents.py), so that what is asked for and what is read cannot
differ. Money is Decimal, scores float, times aware UTC, unless a field says otherwise. A field whose spelling the
service finds only with underscores (an underscore before a digit) has that spelling as its `name`.
"""

from __future__ import annotations

from msgspec import field

from numtui.api.wire import Instant, Money, Whole, Wire


class PipelineStatus(Wire):
    """The state of a day's scoring run: the times at which it scored and resolved."""

    tournament: str | None = None
    is_scoring_day: bool | None = None
    started_at: Instant | None = None
    data_ready_at: Instant | None = None
    scored_at: Instant | None = None
    resolved_at: Instant | None = None
    score_p90_eta: Instant | None = None
    resolve_p90_eta: Instant | None = None


class NmrPrice(Wire):
    """NMR in US dollars."""

    price_usd: Money | None = None
    last_updated: str | None = None


class CurrencyPrice(Wire):
    """The price of one `base_symbol` in `target_symbol`."""

    base_symbol: str | None = None
    target_symbol: str | None = None
    price: Money | None = None
    last_updated: str | None = None


class RoundScoreConfig(Wire):
    """A score of a round, and whether and how the round pays on it."""

    id: str | None = None
    score_config_id: str | None = None
    name: str | None = None
    version: str | None = None
    display_name: str | None = None
    round_number_start: Whole | None = None
    round_number_end: Whole | None = None
    total_score_days: Whole | None = None
    returns_lag_days: Whole | None = None
    data_delay_days: Whole | None = None
    universe: str | None = None
    is_canon_score: bool | None = None
    is_payout: bool | None = None
    scoring_start: Instant | None = None
    scoring_end: Instant | None = None
    min_multiplier: float | None = None
    max_multiplier: float | None = None
    default_multiplier: float | None = None
    clip_threshold: float | None = None
    stake_threshold: float | None = None
    payout_factor: float | None = None


class RoundTimes(Wire):
    """A round without its score configurations: light enough for every poll."""

    id: str | None = None
    number: Whole | None = None
    tournament: Whole | None = None
    target: str | None = None
    open_time: Instant | None = None
    close_time: Instant | None = None
    close_staking_time: Instant | None = None
    score_time: Instant | None = None
    resolve_time: Instant | None = None
    resolved_general: bool | None = None
    resolved_staking: bool | None = None
    payout_factor: Money | None = None  # text on the wire; None until the stakes at risk are known
    stake_threshold: float | None = None
    v3_staking: bool | None = None  # the round is staked the Atomic way


class Round(RoundTimes):
    """A round with the terms it pays by."""

    is_daily: bool | None = None
    data_datestamp: Whole | None = None
    round_score_configs: list[RoundScoreConfig] | None = None


class LeaderboardEntry(Wire):
    """The fields that every leaderboard row has; `username` is the model's or the account's name."""

    id: str | None = None
    username: str | None = None
    rank: Whole | None = None
    rank_change_1d: Whole | None = None
    rank_change_3m: Whole | None = None
    rank_change_1y: Whole | None = None
    nmr_staked: Money | None = None
    team: bool | None = None


class ModelEntry(LeaderboardEntry):
    """A model's row; returns are fractions."""

    is_active: bool | None = None
    return_1_day: float | None = field(default=None, name="return_1_day")
    return_13_weeks: float | None = field(default=None, name="return_13_weeks")
    return_52_weeks: float | None = field(default=None, name="return_52_weeks")


class ClassicEntry(ModelEntry):
    """A Classic model, ranked or not."""

    stored_rank: Whole | None = None
    nmr_staked_rank: Whole | None = None
    corr20_rep: float | None = None
    corr20_v2_rep: float | None = None
    corr60_rep: float | None = None
    corj60_rep: float | None = None
    cort20_rep: float | None = None
    mmc_rep: float | None = None
    mmc60_rep: float | None = None
    bmc_rep: float | None = None
    tc_rep: float | None = None
    fnc_rep: float | None = None
    fnc_v3_rep: float | None = None
    canon_corr_ltm: float | None = None
    canon_mmc_ltm: float | None = None


class SignalsEntry(ModelEntry):
    """A Signals model."""

    prev_rank: Whole | None = None
    sharpe: float | None = None
    today: float | None = None
    alpha_rep: float | None = None
    mpc_rep: float | None = None
    corr_v4_rep: float | None = None
    corr20d_rep: float | None = None
    corr60_rep: float | None = None
    fnc_v4_rep: float | None = None
    mmc: float | None = None
    mmc_rep: float | None = None
    mmc_rank: Whole | None = None
    mmc20d_rep: float | None = None
    ic_rep: float | None = None
    ic_rank: Whole | None = None
    ic_v2_rep: float | None = None
    ric_rep: float | None = None
    tc_rep: float | None = None
    tc_rank: Whole | None = None


class CryptoEntry(ModelEntry):
    """A Crypto model."""

    stored_rank: Whole | None = None
    corr_rep: float | None = None
    mmc_rep: float | None = None


class AccountEntry(LeaderboardEntry):
    """An account's row; returns as fractions and in NMR."""

    display_name: str | None = None
    stored_rank: Whole | None = None
    title: str | None = None
    return_3m: float | None = None
    return_1y: float | None = None
    return_all_time: float | None = None
    return_3m_nmr: Money | None = None
    return_1y_nmr: Money | None = None
    return_all_time_nmr: Money | None = None
    corr: float | None = None
    corr60: float | None = None
    v2_corr20: float | None = None
    cor_j60: float | None = None
    cort20: float | None = None
    corr_v4: float | None = None
    mmc: float | None = None
    mmc60: float | None = None
    bmc: float | None = None
    tc: float | None = None
    fnc_v3: float | None = None
    fnc_v4: float | None = None
    ic_v2: float | None = None
    ric: float | None = None
    alpha: float | None = None
    mpc: float | None = None


class ScorePoint(Wire):
    """One score on one scoring day: the hot record, 1.6 million of them in a first sync.

    `date` stays the API's ISO text (None unless asked for): parsing it would cost as much as all the rest.
    """

    display_name: str | None = None
    version: str | None = None
    day: Whole | None = None
    value: float | None = None
    percentile: float | None = None
    date: str | None = None


class SubmissionScore(ScorePoint):
    """The latest official score of a round and what it pays. `payout_*` None where the round does not pay on it."""

    resolved: bool | None = None
    payout_pending: Money | None = None
    payout_settled: Money | None = None


class RoundScore(ScorePoint):
    """A score of `submissionScores`: with its round, without stake or payout."""

    round_id: str | None = None
    round_number: Whole | None = None
    submission_id: str | None = None
    resolved: bool | None = None
    resolve_date: str | None = None
    round_resolve_time: str | None = None


class PayoutMultiplier(Wire):
    """The multiplier of a score in the payout of a model's round."""

    id: str | None = None
    score_config_id: str | None = None
    name: str | None = None
    version: str | None = None
    display_name: str | None = None
    multiplier: float | None = None


class Performance(Wire):
    """A model in a round: stake at risk, multipliers, latest scores and, where asked for, those of every day."""

    round_id: str | None = None
    round_number: Whole | None = None
    round_target: str | None = None
    round_resolved: bool | None = None
    round_payout_factor: Money | None = None  # text on the wire
    at_risk: Money | None = None
    submission_id: str | None = None
    tickers_accepted_count: Whole | None = None
    tickers_submitted_count: Whole | None = None
    churn_threshold: float | None = None
    prev_week_churn_max: float | None = None
    turnover_threshold: float | None = None
    prev_week_turnover_max: float | None = None
    payout_multipliers: list[PayoutMultiplier] | None = None
    submission_scores: list[SubmissionScore] | None = None
    intra_round_submission_scores: list[ScorePoint] | None = None


class Returns(Wire):
    """Returns as fractions and in NMR."""

    one_day: float | None = None
    three_months: float | None = None
    one_year: float | None = None
    all_time: float | None = None
    one_day_nmr: Money | None = None
    three_months_nmr: Money | None = None
    one_year_nmr: Money | None = None
    all_time_nmr: Money | None = None


class Scores(Wire):
    """A figure a score: reputations or ranks of a profile."""

    corr: float | None = None
    corr60: float | None = None
    corr20_v2: float | None = None
    corr_v4: float | None = None
    corj60: float | None = None
    cort20: float | None = None
    mmc: float | None = None
    mmc60: float | None = None
    bmc: float | None = None
    tc: float | None = None
    fnc: float | None = None
    fnc_v3: float | None = None
    fnc_v4: float | None = None
    ic: float | None = None
    ic_v2: float | None = None
    ric: float | None = None
    alpha: float | None = None
    mpc: float | None = None


class Profile(Wire):
    """A model's public page. `username` is the model's name, `id` the one that performances take."""

    id: str | None = None
    username: str | None = None
    account_name: str | None = None
    tournament: Whole | None = None
    start_date: Instant | None = None
    team: bool | None = None
    is_active: bool | None = None
    nmr_staked: Money | None = None
    stake_value: Money | None = None
    latest_reps: Scores | None = None
    latest_ranks: Scores | None = None
    latest_returns: Returns | None = None
