"""Both languages are complete: every word that code and templates use has its Chinese, and it is whole."""

import re
from functools import cache

import pytest
from babel.messages.pofile import read_po

from crowdecon import catalogues
from crowdecon.catalogues import APPS

HAN = "\u3400-\u9fff"
TAG = re.compile(r"</?[a-z][^>]*>")
#: A mark of half width where Chinese has its own: after a Chinese character, unless a name such as .env follows.
NARROW = re.compile(rf"[{HAN}] ?[,.:;?!](?![\w/])|[{HAN}][,.:;?!][{HAN}]|[{HAN}]\"|\"[{HAN}]")


@cache
def entries(app):
    return [message for message in catalogues.read(app) if message.id]


#: All words that are used, looked for once.
used = cache(catalogues.used)


def english(message):
    """The English text whose places the Chinese must have: the plural's where there is one."""
    return message.id if isinstance(message.id, str) else message.id[-1]


def wrong(app, *, unless):
    return [
        message.id
        for message in entries(app)
        if not all(unless(message, text) for text in catalogues.texts(message))
    ]


@pytest.mark.parametrize("app", APPS)
def test_a_catalogue_holds_what_is_used_and_nothing_else(app):
    """`./manage.py messages` brings them together."""
    assert {catalogues.key_of(message) for message in entries(app)} == set(used()[app])


@pytest.mark.parametrize("app", APPS)
def test_everything_is_said_in_chinese(app):
    unsaid = [message.id for message in entries(app) if message.fuzzy or not all(catalogues.texts(message))]
    assert unsaid == []


@pytest.mark.parametrize("app", APPS)
def test_chinese_has_the_same_places_to_fill(app):
    assert wrong(app, unless=lambda m, text: catalogues.holes(text) == catalogues.holes(english(m))) == []


@pytest.mark.parametrize("app", APPS)
def test_what_is_filled_in_can_be(app):
    """A sign left over, as in %(ago) without its s, would make a page fall back to English."""
    for message in entries(app):
        if "%(" in english(message):
            names = re.findall(r"%\((\w+)\)", english(message))
            for text in catalogues.texts(message):
                assert text % dict.fromkeys(names, 7)


@pytest.mark.parametrize("app", APPS)
def test_chinese_has_the_same_mark_up(app):
    assert (
        wrong(app, unless=lambda m, text: sorted(TAG.findall(text)) == sorted(TAG.findall(english(m)))) == []
    )


@pytest.mark.parametrize("app", APPS)
def test_chinese_has_chinese_punctuation(app):
    assert wrong(app, unless=lambda _m, text: not NARROW.search(text)) == []


@pytest.mark.parametrize("app", APPS)
def test_nothing_unused_is_kept(app):
    with catalogues.path_of(app).open("rb") as file:
        assert list(read_po(file).obsolete) == []


def test_one_sentence_has_one_place():
    found = [catalogues.key_of(message) for app in APPS for message in entries(app)]
    assert len(found) == len(set(found))
