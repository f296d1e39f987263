"""How a letter is composed: placeholders, Markdown and nothing that runs; every kind's words in every language."""

import re

import pytest
from django.conf import settings
from django.utils import translation

from kernel import mails
from kernel.mails import Line, Section

HOSTILE = [
    "Eve\r\nBcc: all@example.org",
    "<script>alert(1)</script>",
    "[click](https://evil.example)",
    "{{ settings.SECRET_KEY }}{% debug %}",
    "{url}",
    "*a* _b_ `c` # d",
    '"><img src=x onerror=alert(1)>',
    "\u202eevil\x00\x07",
]


def kinds():
    return [kind for kind in mails.kinds if kind.body]


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_every_kind_s_words_name_only_what_it_declares_and_fill_in_whole(language):
    with translation.override(language):
        for kind in mails.kinds:
            for text in (kind.subject, kind.body, kind.notice):
                assert mails.unknown(kind, str(text)) == []
                assert "{" not in mails.PLACEHOLDER.sub("", str(text))
    for kind in kinds():
        with translation.override(language):
            subject, body = str(kind.subject), str(kind.body)
        words = {name: f"the {name}" for name in kind.known} | {"url": "https://here.example/"}
        letter = mails.compose(subject=subject, body=body, words=words, long=kind.long)
        used = set(mails.PLACEHOLDER.findall(body))
        for written in (letter.subject, letter.text, str(letter.html)):
            assert not mails.PLACEHOLDER.search(written)
            assert letter.subject
        for name in used - {"url"}:
            assert f"the {name}" in letter.text and f"the {name}" in letter.html


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.key)
def test_both_languages_have_their_own_words(kind):
    said = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            said.append((str(kind.subject), str(kind.body), str(kind.label), str(kind.notice or code)))
    for one, other in zip(*said, strict=True):
        assert one != other
    with translation.override("zh-hans"):
        assert re.search("[\u4e00-\u9fff]", str(kind.body))


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_a_header_a_link_or_markup(name):
    letter = mails.compose(
        subject="Hello {member}",
        body="Dear {member},\n\n# {member}\n\n[Look]({url}) and [go]({member})",
        words={"member": name, "url": "https://here.example/?a=1&b=2"},
    )
    assert letter.subject.isprintable() and "\n" not in letter.subject
    assert set(re.findall(r"<(/?\w+)", letter.html)) <= {"p", "/p", "h2", "/h2", "a", "/a"}
    addresses = re.findall(r'href="([^"]*)"', letter.html)
    assert addresses[0] == "https://here.example/?a=1&amp;b=2"
    assert "\x00" not in letter.text and "\u202e" not in letter.text
    assert letter.text.splitlines()[0].startswith("Dear ") and len(letter.text.splitlines()) == 5


def test_a_script_s_address_leads_nowhere():
    letter = mails.compose(subject="x", body="[go]({member})", words={"member": "javascript:alert(1)"})
    assert "javascript" not in letter.html


def test_a_value_that_names_a_placeholder_is_not_filled_again():
    letter = mails.compose(
        subject="{member}", body="{member}\n\n{said}", words={"member": "{said}", "said": "secret"}
    )
    assert letter.subject == "{said}"
    assert letter.text == "{said}\n\nsecret\n"


def test_a_link_of_its_own_is_a_button_and_has_its_address_in_the_text():
    letter = mails.compose(
        subject="x", body="[Open it]({url})\n\nOr [this]({url}).", words={"url": "https://here.example/x"}
    )
    assert letter.html.count('class="go"') == 1
    assert letter.text == "Open it: https://here.example/x\n\nOr this: https://here.example/x.\n"


def test_a_long_value_keeps_its_lines_where_it_stands_alone_and_nowhere_else():
    words = {"reason": "First.\nSecond.\n\n\n\nThird <b>."}
    letter = mails.compose(
        subject="{reason}", body="Why:\n\n{reason}\n\nSo {reason}", words=words, long={"reason"}
    )
    assert letter.subject == "First. Second. Third <b>."
    assert "<p>First.<br>Second.</p><p>Third &lt;b&gt;.</p>" in letter.html
    assert letter.text == "Why:\n\nFirst.\nSecond.\n\nThird <b>.\n\nSo First. Second. Third <b>.\n"


def test_sections_are_headings_and_lists_in_both_parts():
    sections = [Section("New <here>", (Line("Li\nLei"), Line("More", "https://here.example/?a=1&b=2")))]
    letter = mails.compose(subject="x", body="{week}", words={}, sections={"week": sections})
    assert letter.text == "New <here>\n- Li Lei\n- More https://here.example/?a=1&b=2\n"
    assert letter.html == (
        "<h2>New &lt;here&gt;</h2><ul><li>Li Lei</li>"
        '<li><a href="https://here.example/?a=1&amp;b=2">More</a></li></ul>\n'
    )


def test_raw_html_and_pictures_are_words():
    letter = mails.compose(subject="x", body="<b onclick=x>hi</b> ![p](https://t.example/p.gif)", words={})
    assert "<b" not in letter.html and "<img" not in letter.html


def test_lists_read_as_lists():
    letter = mails.compose(subject="x", body="Do:\n\n- one\n- two\n\nDone", words={})
    assert letter.text == "Do:\n\n- one\n- two\n\nDone\n"
