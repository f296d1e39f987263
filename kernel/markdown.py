"""Members' words, as HTML that can do no harm."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import nh3
from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

#: A member named in a text: `@[Ada](12)` as one chooses them, `@#12` as it is kept.
MENTION = re.compile(
    r"@(?:\[(?P<name>[^\[\]\n]{0,120})\]\((?P<chosen>[0-9]{1,9})\)|#(?P<kept>[0-9]{1,9})(?![0-9]))"
)
_BRACKETS = re.compile(r"[][\n]")


@dataclass(frozen=True)
class Named:
    """A member as a text calls them: `url` leads to their page, empty where there is none for the reader."""

    name: str
    url: str = ""


def _mention(state: StateInline, silent: bool) -> bool:
    """The parser's rule for `MENTION`; what stands in an address of mail is none."""
    before = state.src[state.pos - 1] if state.pos else ""
    found = MENTION.match(state.src, state.pos, state.posMax)
    if found is None or (before.isascii() and before.isalnum()):
        return False
    if not silent:
        token = state.push("mention", "", 0)
        token.meta = {"number": int(found["chosen"] or found["kept"])}
        token.content = found["name"] or f"#{found['kept'] or found['chosen']}"
    state.pos = found.end()
    return True


def _render_mention(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    token = tokens[place]
    known = env["people"].get(token.meta["number"])
    if known is None:
        return escape(f"@{token.content}")
    words = f"@{escape(known.name)}"
    if known.url:
        return f'<a class="mention" href="{escape(known.url)}">{words}</a>'
    return f'<span class="mention">{words}</span>'


_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "s", "strong",
    "span", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_PARSER.inline.ruler.before("link", "mention", _mention)
_PARSER.add_render_rule("mention", _render_mention)
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}


def plain(text: str, people: Mapping[int, Named] | None = None) -> str:
    """The words alone, in one line: what a list tells of a text, a letter, a title."""
    return " ".join(unescape(strip_tags(render(text, people).replace("</li>", " · "))).split()).removesuffix(
        " ·"
    )


def mentioned(text: str) -> list[int]:
    """The numbers of the members whom the text names, each once; what stands in code names nobody.

    >>> mentioned("Ask @[Ada](12), @#7 and ada@#9, not `@#8`.")
    [12, 7]
    """
    if "@" not in text:
        return []
    within = (token.children or [] for token in _PARSER.parse(text.replace("\x00", ""), {"people": {}}))
    return list(dict.fromkeys(one.meta["number"] for line in within for one in line if "number" in one.meta))


def named(number: int, name: str) -> str:
    """How a text names a member, for who writes it."""
    return f"@[{_BRACKETS.sub('', name)}]({number})"


def render(text: str, people: Mapping[int, Named] | None = None) -> SafeString:
    """CommonMark with tables, cleaned after rendering: no raw HTML, pictures or scripts, safe links only; `people` are
    those it may name, by number.

    Headings begin at the second level: the page's own title is the only `h1`.
    """
    html = _PARSER.render(text.replace("\x00", ""), {"people": people or {}})
    html = html.replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes={"a": {"mention"}, "span": {"mention"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow ugc noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308  cleaned by nh3 just above
