"""The ways to weigh models, by the names that users type."""

from __future__ import annotations

from typing import Literal, get_args

Method = Literal["equal", "today", "inverse_variance", "min_variance", "min_cvar", "mean_cvar", "equal_risk"]
METHODS: tuple[Method, ...] = get_args(Method)
