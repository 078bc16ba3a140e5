"""A simulated Numerai tournament: a market, a demo account, and a local HTTP server that speaks the API's schema.

Nothing here is real: names, keys, stakes and prices are made up, and the keys open nothing anywhere.
"""

MARKET = 2  # counts the markets that this program has simulated: the cache of another one says what is no longer so
DEMO_ACCOUNT = "demo_account"
DEMO_PUBLIC = "DEMO_PUBLIC"
DEMO_SECRET = "DEMO_SECRET"
# A second pair of keys of the same account, without the scopes `stake` and `web3_staking`.
DEMO_LIMITED_PUBLIC = "DEMO_READ_ONLY_PUBLIC"
DEMO_LIMITED_SECRET = "DEMO_READ_ONLY_SECRET"
DEMO_WALLET = "0x00000000000000000000000000000000000de300"
# The account's strategy contracts by tournament label: the stakers of its Atomic positions, which its wallet is not.
DEMO_STAKERS = {
    "classic": "0x00000000000000000000000000000000000c1a55",
    "crypto": "0x0000000000000000000000000000000000000c01",
}

# The demo account's models are named in this order, per tournament; further ones are numbered.
DEMO_CLASSIC = ("demo_anchor", "demo_breeze", "demo_cinder", "demo_drift", "demo_ember", "demo_flint", "demo_grove")
DEMO_SIGNALS = ("demo_signal_a", "demo_signal_b", "demo_signal_c")
DEMO_CRYPTO = ("demo_coin_a", "demo_coin_b")
DEMO_MODELS = DEMO_CLASSIC + DEMO_SIGNALS + DEMO_CRYPTO
DEMO_BURNING = ("demo_ember", "demo_signal_c")
DEMO_NOT_SUBMITTED = "demo_drift"
# With submissions "mixed": what became of the newest submissions of these models.
DEMO_IRREGULAR = {
    "demo_breeze": "late",
    "demo_cinder": "failed",
    "demo_flint": "queued",
    "demo_signal_b": "failed",
    "demo_coin_b": "late",
}
# Models of others, worth watching in the demo: two of Numerai's own and two users'.
DEMO_WATCHED = ("integration_test", "v52_lgbm_ender20", "amber_badger", "amber_falcon")
