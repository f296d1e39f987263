"""How words are taken out of what is asked, and marked in what was found."""

import pytest

from kernel.search import Asked, marked


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Tea  tea", ["tea"]),
        ("ｇｌｕｅ 知识型", ["glue", "知识型"]),
        ("glue经济2026", ["glue", "经济", "2026"]),
        ("foo_bar, don't", ["foo", "bar", "don", "t"]),
        ("ひら・がな", ["ひら", "がな"]),
        ("🎉 !? \x00 __", []),
    ],
)
def test_what_is_asked_is_words(text, words):
    assert Asked(text).words == words


@pytest.mark.parametrize(
    ("text", "words", "html"),
    [
        ("Tea for <b>", ["tea", "b"], "<mark>Tea</mark> for &lt;<mark>b</mark>&gt;"),
        ("ＴＥＡ＆知识型", ["tea", "知识"], "<mark>ＴＥＡ</mark>＆<mark>知识</mark>型"),
        ("㍿知", ["株式", "会社", "知"], "<mark>㍿</mark><mark>知</mark>"),
        ("steam", ["tea"], "steam"),
        ("tea & milk", ["&amp;", "amp"], "tea &amp; milk"),
        ("İstanbul tea", ["tea"], "İstanbul <mark>tea</mark>"),
        ("a " * 100 + "tea " + "b " * 100, ["tea"], "…" + "a " * 26 + "<mark>tea</mark>" + " b" * 52 + "…"),
        ("知" * 300 + "茶", ["茶"], "…" + "知" * 53 + "<mark>茶</mark>"),
        ("<script>", [], "&lt;script&gt;"),
        ("", ["tea"], ""),
    ],
)
def test_words_are_marked_and_all_else_is_escaped(text, words, html):
    assert marked(text, words) == html
