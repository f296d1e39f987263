"""Bringing the catalogues to the words in use, in a small tree of its own."""

import pytest

from crowdecon import catalogues

PAGE = """<p>
    {% translate "just now" %}
  {% blocktranslate with who=name %}Hello, {{ who }}{% endblocktranslate %}</p>
"""


@pytest.fixture
def tree(settings, tmp_path):
    settings.ROOT = tmp_path

    def write(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    write("kernel/words.py", 'from django.utils.translation import gettext as _\nnow = _("just now")\n')
    write(
        "members/needs.py",
        'words = ngettext("%(n)s member", "%(n)s members", n)\nopen = pgettext("door", "Open")\n',
    )
    write(
        "templates/members/page.html",
        PAGE,
    )
    return write


def said() -> dict[str, list[tuple[str | None, object, list[str]]]]:
    found: dict[str, list[tuple[str | None, object, list[str]]]] = {}
    for app, message in catalogues.all_messages():
        found.setdefault(app, []).append((message.context, message.id, catalogues.texts(message)))
    return found


def say(app: str, english: str, chinese: str) -> None:
    catalogue = catalogues.read(app)
    catalogue[english].string = chinese
    catalogues.write(app, catalogue)


def test_each_message_goes_to_one_catalogue_and_waits(tree):
    assert catalogues.rewrite() == {
        "crowdecon": 1,
        "members": 3,
        "communities": 0,
        "gatherings": 0,
        "commerce": 0,
        "engagement": 0,
    }
    assert said() == {
        "crowdecon": [(None, "just now", [""])],
        "members": [
            ("door", "Open", [""]),
            (None, ("%(n)s member", "%(n)s members"), [""]),
            (None, "Hello, %(who)s", [""]),
        ],
    }


def test_what_was_said_goes_along_when_a_message_moves(tree):
    catalogues.rewrite()
    say("members", "Hello, %(who)s", "你好，%(who)s")
    tree("templates/members/page.html", "")
    tree("templates/communities/page.html", "{% blocktranslate %}Hello, {{ who }}{% endblocktranslate %}")
    catalogues.rewrite()
    assert said()["communities"] == [(None, "Hello, %(who)s", ["你好，%(who)s"])]
    assert "Hello, %(who)s" not in [words for _context, words, _texts in said()["members"]]


def test_what_is_no_longer_used_goes(tree):
    catalogues.rewrite()
    tree("members/needs.py", "")
    tree("templates/members/page.html", "")
    catalogues.rewrite()
    assert said() == {"crowdecon": [(None, "just now", [""])]}


def test_a_second_time_changes_nothing(tree):
    catalogues.rewrite()
    before = catalogues.path_of("members").read_bytes()
    catalogues.rewrite()
    assert catalogues.path_of("members").read_bytes() == before
