"""The cache, and life without it."""

import time

import pytest
from django.core.cache import caches

from crowdecon.settings import base


@pytest.fixture
def away(settings):
    settings.CACHES = {"default": base.cache("redis://127.0.0.1:1/0")}
    return caches["default"]


def test_it_keeps_what_it_is_given(settings):
    cache = caches["default"]
    cache.clear()
    assert (cache.add("a", 1, 60), cache.add("a", 2, 60)) == (True, False)
    assert (cache.get("a"), cache.incr("a"), cache.get_many(["a", "b"])) == (1, 2, {"a": 2})
    assert ("a" in cache, cache.touch("a", 60), cache.delete("a"), cache.get("a", "gone")) == (
        True,
        True,
        True,
        "gone",
    )
    assert cache.set_many({"c": 1}, 60) == []
    cache.delete_many(["c"])
    assert cache.get("c") is None


def test_without_its_server_it_finds_nothing_and_is_quick_about_it(away):
    began = time.monotonic()
    away.set("a", 1)
    assert (away.get("a", "nothing"), away.get_many(["a"]), "a" in away) == ("nothing", {}, False)
    assert (away.add("a", 1), away.delete("a"), away.touch("a")) == (True, False, False)
    assert away.set_many({"a": 1}) == ["a"]
    with pytest.raises(ValueError, match="does not answer"):
        away.incr("a")
    assert time.monotonic() - began < 3
