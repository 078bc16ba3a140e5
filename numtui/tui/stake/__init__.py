"""The Stake screen and its dialogs."""
