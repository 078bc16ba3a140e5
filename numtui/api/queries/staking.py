"""Questions of staking v3 (Atomic). All need a key with the scope web3_staking, else they raise Refused."""

from __future__ import annotations

from numtui.api import documents
from numtui.api.client import ApiClient
from numtui.api.records.staking import StakeAuthorization, StakeClaim, StakeConfig, StakeRound, StakeWallet
from numtui.model import Tournament


class StakingQueries:
    """Staking v3, on a client. Read-only: changing a stake needs the owner's wallet."""

    client: ApiClient

    async def stake_config(self, tournament: Tournament) -> StakeConfig | None:
        """The tournament's contracts."""
        answer = await self.client.ask(documents.STAKE_CONFIG, {"tournament": int(tournament)})
        return answer.part("v3StakeConfig", StakeConfig)

    async def stake_round(self, tournament: Tournament, round_id: str) -> StakeRound | None:
        """A round's state on chain."""
        answer = await self.client.ask(documents.STAKE_ROUND, {"round": round_id, "tournament": int(tournament)})
        return answer.part("v3StakeRound", StakeRound)

    async def stake_claims(self, tournament: Tournament, staker: str) -> list[StakeClaim]:
        """The positions of a wallet that are resolved and not yet claimed, with their proofs."""
        answer = await self.client.ask(documents.STAKE_CLAIMS, {"staker": staker, "tournament": int(tournament)})
        return answer.part("v3StakeClaims", list[StakeClaim]) or []

    async def stake_claim(self, round_id: str, model_id: str, staker: str) -> StakeClaim | None:
        """One position's claim."""
        variables = {"round": round_id, "model": model_id, "staker": staker}
        answer = await self.client.ask(documents.STAKE_CLAIM, variables)
        return answer.part("v3StakeClaim", StakeClaim)

    async def stake_auth(self, submission_id: str, staker: str, max_amount: str) -> StakeAuthorization | None:
        """A permission to stake at most `max_amount` on a submission. Only at the user's request; never store it."""
        variables = {"submission": submission_id, "staker": staker, "max": max_amount}
        answer = await self.client.ask(documents.STAKE_AUTH, variables)
        return answer.part("v3StakeAuth", StakeAuthorization)

    async def service_wallet(self) -> StakeWallet | None:
        """The wallet that finalises for the owner, and its allowance."""
        return (await self.client.ask(documents.SERVICE_WALLET)).part("v3StakeServiceWallet", StakeWallet)
