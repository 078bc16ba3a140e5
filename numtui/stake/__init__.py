"""Changing stakes: plan -> review -> journal -> send -> reconcile. Only this changes anything at Numerai."""
