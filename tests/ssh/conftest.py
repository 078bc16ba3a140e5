"""A server for all tests, and a cache to look at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.once import made_once
from tests.tui.filled import fill

from .server import TOOLS, Server, sshd


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the tools nothing here can run: each test says which is missing."""
    if not TOOLS:
        return
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(TOOLS)}"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture
def cache(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a small filled cache."""
    made = made_once(tmp_path_factory, "ssh-cache", lambda folder: fill(folder / "cache.sqlite"))
    return Path(shutil.copy(made / "cache.sqlite", tmp_path / "cache.sqlite"))
