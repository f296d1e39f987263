"""Members' words, as HTML that can do no harm."""

from html import unescape

import nh3
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}


def plain(text: str) -> str:
    """The words alone, in one line: what a list tells of a text, a letter, a title."""
    return " ".join(unescape(strip_tags(render(text).replace("</li>", " · "))).split()).removesuffix(" ·")


def render(text: str) -> SafeString:
    """CommonMark with tables, cleaned after rendering: no raw HTML, pictures or scripts, safe links only.

    Headings begin at the second level: the page's own title is the only `h1`.
    """
    html = _PARSER.render(text.replace("\x00", ""))
    html = html.replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow ugc noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308  cleaned by nh3 just above
