"""Questions about the key's account: its models, stakes, wallet, payouts, and what the key may do. All need a key."""

from __future__ import annotations

from collections.abc import Sequence

from numtui.api import documents
from numtui.api.client import ApiClient
from numtui.api.errors import GraphQLError
from numtui.api.records.account import Account, Payouts, StakeTxn, TokenInfo, Wallet
from numtui.model import Tournament


class AccountQueries:
    """The account, on a client. Each raises KeysMissing without a key and Refused where it lacks a scope.

    What the service does not offer is None or empty, but raised of payouts and stake transactions as NotOffered.
    """

    client: ApiClient

    async def account(self) -> Account | None:
        """The account with its models, stakes, pending changes and submissions."""
        return (await self.client.ask(documents.ACCOUNT)).part_or_none("account", Account)

    async def token_info(self) -> TokenInfo | None:
        """The key's account, name and scopes."""
        return (await self.client.ask(documents.TOKEN_INFO)).part_or_none("apiTokenInfo", TokenInfo)

    async def wallet(self) -> Wallet | None:
        """Available and held NMR, and the wallet's movements."""
        return (await self.client.ask(documents.WALLET)).part_or_none("account", Wallet, blanks=True)

    async def payouts(self, tournaments: Sequence[Tournament]) -> dict[Tournament, Payouts | GraphQLError]:
        """Settled and pending payouts by tournament, in one request; a tournament that failed has its error."""
        answer = await self.client.ask(documents.payouts(tuple(tournaments)))
        result: dict[Tournament, Payouts | GraphQLError] = {}
        for tournament in tournaments:
            try:
                listed = answer.part(tournament.label, Payouts, blanks=True)
                result[tournament] = listed or Payouts(actual=[], pending=[])
            except GraphQLError as error:
                result[tournament] = error
        return result

    async def stake_transactions(
        self,
        model_ids: Sequence[str] | None = None,
        *,
        kind: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> list[StakeTxn]:
        """Changes of legacy stakes of these models (all without); `kind` as the API's `type`."""
        ids = None if model_ids is None else list(model_ids)
        variables = {"ids": ids, "type": kind, "limit": limit, "offset": offset}
        answer = await self.client.ask(documents.STAKE_TRANSACTIONS, variables)
        changes = answer.part("stakeTransactions", list[StakeTxn], blanks=True) or []
        wanted = None if model_ids is None else {None, *model_ids}  # filtered here too: the service may not do it
        kinds = {None, kind}
        rows = [row for row in changes if wanted is None or row.model_id in wanted]
        return [row for row in rows if kind is None or row.type in kinds][:limit]
