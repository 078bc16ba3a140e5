"""The screens: they show reports and send intents; no SQL, no HTTP, no arithmetic of the tournament."""

import os

# Textual repaints on a grid of 1/60 s, which alone can cost a key 17 ms. It reads this before its first import.
os.environ.setdefault("TEXTUAL_FPS", "240")
