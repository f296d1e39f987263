"""Members' words as HTML: what they mean is drawn, and nothing else."""

import random
import re
from html.parser import HTMLParser

import pytest

from kernel import markdown
from kernel.search import marked

#: Scripts, frames and pictures in HTML; addresses that run or read, plain, hidden and torn apart; what breaks out of a
#: title, a name, a fence and a table.
HOSTILE = [
    "<script>alert(1)</script>",
    "\x00<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)//",
    '<math><mi//xlink:href="javascript:alert(1)">',
    "<iframe src=//evil.example></iframe>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<form action=//evil.example><input name=password autofocus onfocus=alert(1)>",
    "<style>@import'//evil.example'</style><link rel=stylesheet href=//evil.example>",
    "<base href=//evil.example><meta http-equiv=refresh content=0>",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<?xml version='1.0'?><![CDATA[<img src=x onerror=alert(1)>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](&#x6A&#x61;vascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](java\\script:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](\u2028javascript:alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://evil.example/1)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[x]: javascript:alert(1)\n\n[x]",
    "[a]: <javascript:alert(1)>\n\n![b][a] [c][a]",
    "![x](https://evil.example/x.png)",
    "![x](javascript:alert(1))",
    "![<img src=x onerror=alert(1)>](x 'onerror=alert(1)')",
    "[![x](https://evil.example/x.png)](javascript:alert(1))",
    '[x](https://example.org "onmouseover=alert(1)")',
    "[x](https://example.org '\"><img src=x onerror=alert(1)>')",
    '[x](https://example.org"onmouseover=alert(1))',
    "[<b onmouseover=alert(1)>x</b>](https://example.org)",
    "[x](//evil.example) [x](\\\\evil.example) [x](http:evil.example)",
    "`<b onmouseover=alert(1)>`",
    '```"><script>alert(1)</script>\n<img src=x onerror=alert(1)>\n```',
    "    <img src=x onerror=alert(1)>",
    "| <img src=x onerror=alert(1)> |\n|:-:|\n| [x](javascript:alert(1)) |",
    "# <img src=x onerror=alert(1)> {onclick=alert(1)}",
    "1. <b>\n99999999. [x](javascript:alert(1))",
    "~~<s onclick=alert(1)>~~ **<b onclick=alert(1)>**",
    "@[<img src=x onerror=alert(1)>](7)",
    "@[x](7 'onclick=alert(1)') @[x](javascript:alert(1)) @#7<script>",
    "[@#7](javascript:alert(1)) [@[x](7)](https://example.org) `@[x](7)`",
    "\u202ehttps://gpj.elpmaxe\u202c <https://evil.example/\u202egpj>",
    '<https://evil.example/?a="onclick=alert(1)>',
    '<a@b.example"onclick=alert(1)>',
    '<mailto:x@example.org?subject="><script>alert(1)</script>>',
]
PEOPLE = {7: markdown.Named("<img src=x onerror=alert(1)>\"'", '/p/7/?a="><script>')}
MADE_OF = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "s", "strong", "span", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
#: What each attribute may say: an address leads to the web, to a letter, or to another page of ours.
SAYS = {
    ("a", "href"): r"(https?:|mailto:|[^:]*$|[^:]*[/?#%])",
    ("a", "rel"): "nofollow ugc noopener noreferrer$",
    ("a", "class"): "mention$",
    ("a", "title"): "",
    ("span", "class"): "mention$",
    ("ol", "start"): "[0-9]+$",
}


class Found(HTMLParser):
    """What is in it beside what a text may be made of."""

    def __init__(self, html):
        super().__init__()
        self.wrong = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.wrong += [tag] if tag not in MADE_OF else []
        for name, value in attributes:
            # Browsers leave these out of an address.
            said = re.sub(r"[\x00-\x20]", "", (value or "").lower()) if name == "href" else value or ""
            if (tag, name) not in SAYS or not re.match(SAYS[tag, name], said):
                self.wrong.append(f"{tag} {name}={value}")

    def handle_comment(self, data):
        self.wrong.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def drawn(text):
    """As it is drawn everywhere: as a text that names members or nobody, and as words in which some are marked."""
    words = marked(markdown.plain(text, PEOPLE), ["script", "alert", "img", "x"])
    return [markdown.render(text), markdown.render(text, PEOPLE), words.replace("<mark>", "")]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_runs_or_loads_survives(text):
    assert [Found(html).wrong for html in drawn(text)] == [[], [], []]


def test_nor_where_one_stands_in_another():
    dice = random.Random(4)
    for _n in range(400):
        one, other = dice.sample(HOSTILE, 2)
        at = dice.randrange(len(one) + 1)
        text = dice.choice(["", "- ", "> ", "    ", "| ", "# "]) + one[:at] + other + one[at:]
        assert [Found(html).wrong for html in drawn(text)] == [[], [], []], text


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
