"""The other server's answers about the account behind the key, and prices."""

from __future__ import annotations

import random
from collections.abc import Iterable
from decimal import Decimal

from graphql import GraphQLError

from .other_habits import Habits
from .other_market import PUBLIC_ID, USERNAME, Json, Market, Model, Tournament, identity, iso, nmr


class AccountAnswers:
    """`stakes` and `sent` can be changed between two requests."""

    def __init__(self, market: Market, habits: Habits) -> None:
        self.market = market
        self.habits = habits
        self.random = random.Random(0)
        self.stakes: dict[str, Decimal] = {}
        self.sent: dict[str, int] = {}  # model id -> round of its newest submission

    def _tournament(self, number: int) -> Tournament:
        if number not in self.market.tournaments:
            raise GraphQLError("Tournament not found")
        return self.market.tournaments[number]

    def _listed(self, rows: Iterable[Json]) -> list[Json]:
        """Rows as this server likes to list them."""
        items = list(rows)
        if self.habits.duplicated:
            items = [row for each in items for row in (each, dict(each))]
        if self.habits.shuffled:
            self.random.shuffle(items)
        return items

    def account(self, _given: Json) -> Json:
        return {
            "id": identity("account", USERNAME),
            "username": USERNAME,
            "displayName": "The Tester",
            "email": "tester@example.org",
            "status": "VERIFIED",
            "walletAddress": "0x00000000000000000000000000000000000000aa",
            "availableNmr": "1,234.500000000000000000" if self.habits.money_commas else "1234.500000000000000000",
            "onChainWalletBalance": "0E-18",
            "heldForPendingWithdrawals": "0E-18",
            "heldForScheduledStakeIncreases": "1.5",
            "maxModelSlots": 70,
            "defaultCurrency": "USD",
            "defaultCurrencySymbol": "$",
            "models": self.own_models(),
            "apiTokens": [{"name": "key", "publicId": PUBLIC_ID, "scopes": list(self.habits.scopes)}],
            "walletTxns": [],
            "pendingTxns": None,
            "scheduledStakeTxns": [],
            "totalStakeValues": None,
        }

    def own_models(self) -> list[Json] | None:
        if self.habits.own_models == "null":
            return None
        if self.habits.own_models == "none":
            return []
        rows = [self.own_model(model) for model in self.market.own]
        if self.habits.own_models == "nameless":
            rows.append({**rows[0], "id": identity("nameless"), "name": None})
            rows.append({**rows[0], "id": identity("homeless"), "name": "homeless", "tournament": None})
        return self._listed(rows)

    def own_model(self, model: Model) -> Json:
        opened = self.market.tournaments[model.tournament].open_round
        number = self.sent.get(model.id, (opened.number if opened else 0) - (0 if model.submitted else 1))
        submission = {
            "id": identity("submission", model.id, number),
            "insertedAt": "2026-11-20T13:30:00Z",
            "selected": True,
            "status": "submission.WHATEVER" if self.habits.extras else "submission.COMPLETED",
            "round": {"number": number, "tournament": model.tournament},
        }
        stake = self.stakes.get(model.id, model.stake)
        pending = {
            "id": "77",
            "type": "shrink" if self.habits.extras else "decrease",
            "status": "pending",
            "requestedAmount": "5.25",
            "dueDate": "2027-01-15T00:00:00Z",
            "drain": False,
        }
        return {
            "id": model.id,
            "name": model.name,
            "username": model.name,
            "tournament": model.tournament,
            "archived": model.archived,
            "v2Stake": {
                "latestValue": nmr(stake),
                "latestValueSettled": nmr(stake),
                "stakeValue": nmr(stake),
                "status": "confirmed",
                "tournamentNumber": model.tournament,
                "takeProfit": False,
                "pendingV2ChangeStakeRequest": pending if model.name == "mine_s" else None,
            },
            "latestSubmissionV2": submission,
            "latestSubmissions": [],
        }

    def api_token_info(self, _given: Json) -> Json:
        found: Json = {"accountUsername": USERNAME, "name": "key", "publicId": PUBLIC_ID}
        return {**found, "scopes": list(self.habits.scopes)}

    def stake_transactions(self, _given: Json) -> list[Json]:
        return []

    def pending_model_payouts(self, given: Json) -> Json:
        of = self._tournament(given["tournament"])
        found: dict[bool, list[Json]] = {True: [], False: []}
        for model in of.own:
            for each in of.rounds.values():
                parts = of.payouts(model, each)
                if parts:
                    found[each.resolved].append(
                        {
                            "roundId": each.id,
                            "roundNumber": each.number,
                            "roundResolveTime": each.resolves.date().isoformat(),
                            "modelId": model.id,
                            "modelName": model.name,
                            "modelDisplayName": model.name,
                            "payoutNmr": nmr(sum(parts.values(), Decimal(0))),
                            "payoutValue": "1.00",
                            "currencySymbol": "$",
                        }
                    )
        return {"actual": found[True], "pending": found[False]}

    def latest_nmr_price(self, _given: Json) -> Json | None:
        return None if self.habits.prices_null else {"priceUsd": "8.1234", "lastUpdated": iso(self.market.now)}

    def latest_currency_price(self, given: Json) -> Json | None:
        if self.habits.prices_null:
            return None
        price = {"baseSymbol": given["baseSymbol"], "targetSymbol": given["targetSymbol"], "price": "8.1234"}
        return {**price, "lastUpdated": iso(self.market.now)}
