import pytest

from kernel import markdown

HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](https://example.org/x.png)",
    '<img src=x onerror="alert(1)">',
    "<svg/onload=alert(1)>",
    '[x](https://example.org "onmouseover=alert(1)")',
    "<iframe src=//example.org></iframe>",
    "[x]: javascript:alert(1)\n\n[x]",
    "`<b onmouseover=alert(1)>`",
    "\x00<script>alert(1)</script>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_runs_or_loads_survives(text):
    html = markdown.render(text).lower()
    for danger in ("<script", "<img", "<svg", "<iframe", 'href="javascript', 'href="data', "<b "):
        assert danger not in html


def test_it_reads_as_written():
    html = markdown.render("# Title\n\n- one\n- **two** [link](https://example.org)")
    assert html == (
        "<h2>Title</h2>\n<ul>\n<li>one</li>\n<li><strong>two</strong> "
        '<a href="https://example.org" rel="nofollow ugc noopener noreferrer">link</a></li>\n</ul>\n'
    )


def test_deep_nesting_ends():
    assert markdown.render("> " * 5000 + "x")
    assert markdown.render("*" * 20000 + "a" + "_" * 20000)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Who is **awake**?", "Who is awake?"),
        ("We begin:\n\n- one\n- two\n\nSo.", "We begin: one · two · So."),
        ("1 < 2 & <b>3</b>", "1 < 2 & <b>3</b>"),
        ("[here](https://example.org)", "here"),
        ("", ""),
    ],
)
def test_the_words_alone(text, words):
    assert markdown.plain(text) == words


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "@[Ada](7)",
            '<p><a class="mention" href="/p/7/" rel="nofollow ugc noopener noreferrer">@Ann</a></p>\n',
        ),
        ("请@#8，", '<p>请<span class="mention">@&lt;b&gt;</span>，</p>\n'),
        ("@[Ada](9) @#9", "<p>@Ada @#9</p>\n"),
        ("ada@#7 `@#7`", "<p>ada@#7 <code>@#7</code></p>\n"),
        ("@[a](javascript:x)", "<p>@[a](javascript:x)</p>\n"),
    ],
)
def test_members_are_named_by_number(text, html):
    people = {7: markdown.Named("Ann", "/p/7/"), 8: markdown.Named("<b>")}
    assert markdown.render(text, people) == html
