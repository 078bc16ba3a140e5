"""The screens: they show reports and send intents; no SQL, no HTTP, no arithmetic of the tournament."""

import gc
import os

# Textual repaints on a grid of 1/60 s, which alone can cost a key 17 ms. It reads this before its first import.
os.environ.setdefault("TEXTUAL_FPS", "240")

# Importing Textual and building a screen makes some 100,000 objects that stay: looking for garbage among them every
# 700 new ones costs a tenth of the time to the first frame.
gc.set_threshold(50_000, 20, 50)
