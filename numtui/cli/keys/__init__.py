"""The API key from elsewhere than the environment: a command of the user's, the system's keyring."""
