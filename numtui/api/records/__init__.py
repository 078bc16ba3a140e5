"""The API's records as typed structs: public ones, the account's, and those of Atomic staking."""
