"""What an API that keeps to the schema may do differently: each is a switch of the other server."""

from __future__ import annotations

from dataclasses import dataclass

ALL_SCOPES = ("read_user_info", "read_submission_info", "stake", "upload_submission", "web3_staking")


@dataclass(frozen=True)
class Habits:
    """The defaults are those of a friendly server."""

    page_cap: int | None = None  # rows of a leaderboard page, whatever is asked for
    offset_error: bool = False  # a page beyond the end is an error
    offset_ignored: bool = False  # every page is the first
    leaderboard_ids: str = "model"  # model | other | null
    rounds_ascending: bool = False
    shuffled: bool = False  # rows of leaderboards, performances and days in another order each time
    duplicated: bool = False  # rows twice
    days_in: str = "both"  # both | intra (latest scores null) | query (only submissionScores has days)
    unlisted: int = 0  # so many of the oldest rounds are not listed by `rounds`
    without_configs: int = 0  # so many of the oldest rounds have null for roundScoreConfigs
    version_null: bool = False
    percentile_null: bool = False
    resolved_null: bool = False
    factor: str | None = "real"  # real | None | any text
    multipliers_null: bool = False
    payouts_null: bool = False
    pipeline: str = "scored"  # scored | null | waiting
    prices_null: bool = False
    own_models: str = "normal"  # normal | none | null | nameless
    between_rounds: bool = False  # no open round
    scopes: tuple[str, ...] = ALL_SCOPES
    unknown_model: str = "error"  # error | null
    money_commas: bool = False  # 1,234.5
    extras: bool = False  # fields that nobody asked for, words that nobody knows
    nulls: float = 0.0  # share of fields and list items that are null, by `null_seed`
    null_seed: int = 0
    refusal: str = "You must be authenticated to access this resource."
    underscores: bool = False  # names of which only the print is known have an underscore before the digit
    missing: frozenset[str] = frozenset()  # names this server lacks: Round.target, rounds(limit:), rounds
