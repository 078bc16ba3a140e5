"""The screens: they show reports and send intents; no SQL, no HTTP, no arithmetic of the tournament."""
