"""A few of what `python -m tests.e2e.fuzz_words` tries by the thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.fuzz_words import checks
from tests.export.conftest import Polled
from tests.export.conftest import polled as polled  # noqa: PLC0414  a fixture


@pytest.mark.parametrize("kind", ["settings", "bytes", "arguments", "texts"])
def test_any_words_end_in_a_result_or_one_line(polled: Polled, tmp_path: Path, kind: str) -> None:
    checks(polled.settings.db, tmp_path, 60)[kind]()
