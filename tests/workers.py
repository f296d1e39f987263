"""Pytest plugin: the whole suite on several workers, a part of it in this one process.

A worker is a process with servers, databases and files of its own (`tests/services.py`), so that nothing of one can be
seen in another. `-n 0` asks for none, `-n 3` for three. The tests of a file stay together and in their order.
"""

import argparse
import os
from pathlib import PurePath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from crowdecon.embedded import services

#: Each worker drives servers and browsers as well: on many cores, more of them would not be faster.
MOST = 4
#: What takes longest, begun first, so that no worker is left alone with it at the end.
LONGEST = (
    "tests/browser/",
    "tests/contracts/test_openapi",
    "tests/engagement/metrics/test_against_oracle",
    "tests/embedded/",
    "tests/journeys/",
    "tests/contracts/",
)
#: Options of somebody who waits for a few tests, or looks at one.
LITTLE = ("keyword", "lf", "failedfirst", "stepwise", "usepdb", "collectonly", "setupplan", "help", "version")
NUMBER = pytest.StashKey[int]()


def is_worker() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ


def decide(early_config: pytest.Config) -> int:
    """How many workers pytest's options ask for; 0 where the tests run in this process.

    To be called before settings are read: they fill in addresses where the environment names no servers.
    """
    early_config.stash[NUMBER] = number = _wanted(early_config.known_args_namespace)
    return number


def _wanted(options: argparse.Namespace) -> int:
    if is_worker() or options.usepdb or options.collectonly:
        return 0
    if options.numprocesses != "auto":
        return int(options.numprocesses or 0)
    whole = _is_whole(options)
    little = options.capture == "no" or any(getattr(options, name, None) for name in LITTLE)
    # There is one test database on servers of somebody's own.
    return 0 if little or not whole or services.external() else max(2, min(os.cpu_count() or 1, MOST))


def _is_whole(options: argparse.Namespace) -> bool:
    return all(PurePath(path) == PurePath("tests") for path in options.file_or_dir)


def has_workers(config: pytest.Config) -> bool:
    """Whether this process only hands out the tests."""
    return config.stash.get(NUMBER, 0) > 0


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    return config.stash[NUMBER]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("LONG") != "1":
        # Whoever names a file wants all that is in it, but for what only `make long` has the time for.
        names = ("long", "exhaustive") if _is_whole(config.option) else ("long",)
        left_out = [item for item in items if any(map(item.get_closest_marker, names))]
        items[:] = [item for item in items if not any(map(item.get_closest_marker, names))]
        config.hook.pytest_deselected(items=left_out)
    if is_worker():
        items.sort(key=lambda item: _rank(item.nodeid))


def _rank(test: str) -> int:
    return next((rank for rank, path in enumerate(LONGEST) if test.startswith(path)), len(LONGEST))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "InOrder":
    return InOrder(config, log)


class InOrder(LoadScopeScheduling):
    """Hands out whole files in the order of the collection; the browser's, which share a running platform, as one."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return "tests/browser" if path.startswith("tests/browser/") else path
