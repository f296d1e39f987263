"""Mail: what kinds there are, and how a letter's words become its subject, text and HTML.

A kind declares its placeholders and its words, which operators may put otherwise. What they write is Markdown in
which `{name}` stands for a declared placeholder, and nothing more: no template language, no raw HTML. Values are
put in after the Markdown has been read, so that no name can become a link, a heading or a header line.
"""

import html
import re
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import nh3
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from markdown_it import MarkdownIt
from markdown_it.token import Token

from kernel.registry import Registry

Words = str | Promise

#: Placeholders that every kind has: whom it goes to, the community and its address, and where the letter leads.
COMMON: Mapping[str, Words] = {
    "member": _("what the member is called"),
    "community": _("the community's name"),
    "community_url": _("the community's address"),
    "url": _("the address that the letter is about"),
}
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
LONGEST_SUBJECT = 200
LONGEST_BODY = 20_000
LONGEST_VALUE = 4_000
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_DRAWN = re.compile(r'<a href="([^"]+)"><img class="code" ')
_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("strikethrough")
_TAGS = {"a", "blockquote", "br", "code", "em", "h2", "h3", "hr", "li", "ol", "p", "pre", "s", "strong", "ul"}
_ATTRIBUTES = {"a": {"href", "class"}, "ol": {"start"}}


class Group(IntEnum):
    """What is switched on and off together, in the order of the page of preferences."""

    MEMBERSHIP = 10
    INVITATIONS = 20
    TALK = 30
    EVENTS = 40
    MONEY = 50
    NEWS = 60

    @property
    def label(self) -> Words:
        return _GROUPS[self]


_GROUPS: dict[Group, Words] = {
    Group.MEMBERSHIP: _("Your membership"),
    Group.INVITATIONS: _("Invitations"),
    Group.TALK: pgettext_lazy("what one is told of", "Talk"),
    Group.EVENTS: _("Events"),
    Group.MONEY: _("Dues and payments"),
    Group.NEWS: _("News"),
}


@dataclass(frozen=True)
class MailKind:
    """One kind of letter and of notice.

    `placeholders` maps each name to what it stands for, besides those of `COMMON`; `subject` and `body` are lazily
    translated, so that there is a text in every language. An `optional` kind can be switched off, any other must
    reach. The values of `long` placeholders may have several lines where they stand as a paragraph of their own.
    `notice`, one sentence with the same placeholders, is shown in the page to members too; a kind without a `body`
    is a notice only. `bulk` letters wait until all others have gone. A kind with a `permission` goes to those alone whose
    role holds it; an `outside` kind to people who are no members (yet). A `parting` kind is the last word to its
    reader: their address is dropped once it has gone, or cannot go. A kind that `gathers` is told once of all that
    happens about one thing until its reader has looked: `who` names whoever did it last, and how many others. A
    `prompt` kind is worth nothing later, and waits for no hour. A kind of the `site` is about an account: it belongs
    to no community, which neither words nor offers it. Of a `drawn` kind the address stands below the words as a QR
    code too, for a camera to read.
    """

    key: str
    label: Words
    subject: Words = ""
    body: Words = ""
    placeholders: Mapping[str, Words] = field(default_factory=dict)
    long: frozenset[str] = frozenset()
    optional: bool = True
    group: Group = Group.MEMBERSHIP
    notice: Words = ""
    bulk: bool = False
    permission: str = ""
    outside: bool = False
    parting: bool = False
    gathers: bool = False
    prompt: bool = False
    site: bool = False
    drawn: bool = False

    @property
    def known(self) -> dict[str, Words]:
        """Every placeholder that may stand in its words."""
        return {**COMMON, **self.placeholders}

    @property
    def can_wait(self) -> bool:
        """Whether its letters may come later, with others in one."""
        at_once = self.bulk or self.site or self.outside or self.prompt
        return self.optional and bool(self.body and self.notice) and not at_once


kinds: Registry[MailKind] = Registry("kind of mail")


def add(kind: MailKind) -> None:
    """Let there be a kind of mail, for `AppConfig.ready()`."""
    kinds.add(kind.key, kind)


def get(key: str) -> MailKind:
    """The kind of that key. Raises `KeyError`."""
    return kinds.get(key)


def reaches(kind: MailKind, membership: Any) -> bool:
    """Whether the member can receive this kind at all: what is for who decides reaches those whose role decides."""
    return (
        not kind.outside and not kind.site and (not kind.permission or bool(membership.may(kind.permission)))
    )


@dataclass(frozen=True)
class Line:
    """One line of a `Section`; with `url` it leads there."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Section:
    """A part of a letter that a program writes: a title and lines, put where a placeholder stands by itself."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Letter:
    """A letter as it goes out: one line of subject, plain text, and the HTML of its body (no page around it)."""

    subject: str
    text: str
    html: SafeString


def unknown(kind: MailKind, text: str) -> list[str]:
    """The placeholders in the text that the kind does not have, each once, in their order."""
    return list(dict.fromkeys(name for name in PLACEHOLDER.findall(text) if name not in kind.known))


def one_line(text: object) -> str:
    """A value as it may stand in a letter or a header: one line, no controls, nothing that turns text around."""
    return " ".join(_UNPRINTABLE.sub(" ", str(text)).split())[:LONGEST_VALUE]


def gathered(words: Mapping[str, str], others: int) -> dict[str, str]:
    """The words with `who` standing for the one it names and so many others, in the language in force."""
    if others < 1 or not words.get("who"):
        return dict(words)
    told = {"who": words["who"], "n": others}
    who = ngettext("%(who)s and %(n)d other", "%(who)s and %(n)d others", others) % told
    return {**words, "who": who}


def sentence(text: str, words: Mapping[str, str]) -> str:
    """One line with its placeholders filled in; a placeholder without a value stays empty."""
    return one_line(PLACEHOLDER.sub(lambda found: one_line(words.get(found[1], "")), text))


def compose(
    *,
    subject: str,
    body: str,
    words: Mapping[str, str],
    long: Collection[str] = (),
    sections: Mapping[str, Iterable[Section]] | None = None,
) -> Letter:
    """The letter of these words. A paragraph that is nothing but a link becomes a button. Where a placeholder is a
    paragraph of its own, `sections` of its name stand there, or a `long` value with its lines."""
    marks = _Marks(words, set(long), dict(sections or {}))
    tokens = _PARSER.parse(marks.put_in(body.replace("\x00", "")))
    return Letter(
        subject=sentence(subject, words)[:LONGEST_SUBJECT],
        text=marks.text(_plain(tokens)).strip() + "\n",
        html=marks.html(_dressed(tokens)),
    )


def drawn(address: str) -> SafeString:
    """The address as a picture that is still to be drawn: it goes with the letter, and leads there when it is tapped."""
    picture = '<p><a href="{}"><img class="code" src="cid:code" width="240" height="240" alt="{}"></a></p>'
    return format_html(picture, address, _("QR code of the link above"))


def to_draw(written: str) -> str:
    """The address that a letter's HTML wants drawn; empty where it wants none."""
    found = _DRAWN.search(written)
    return html.unescape(found[1]) if found else ""


class _Marks:
    """Stand-ins for the values while the Markdown is read: words that mean nothing in it and that nobody can guess."""

    def __init__(
        self, words: Mapping[str, str], long: set[str], sections: Mapping[str, Iterable[Section]]
    ) -> None:
        self.words = {name: one_line(value) for name, value in words.items()}
        self.long = {name: _lines(words[name]) for name in long if name in words}
        self.sections = {name: tuple(found) for name, found in sections.items()}
        self.nonce = f"x{secrets.token_hex(8)}x"
        self.mark = re.compile(self.nonce + r"([a-f0-9]+)z")

    def put_in(self, body: str) -> str:
        return PLACEHOLDER.sub(lambda found: f"{self.nonce}{found[1].encode().hex()}z", body)

    def text(self, written: str) -> str:
        alone = re.compile(rf"^{self.mark.pattern}$", re.MULTILINE)
        written = alone.sub(lambda found: self._paragraph_text(_name(found)), written)
        return self.mark.sub(lambda found: self.words.get(_name(found), ""), written)

    def html(self, written: str) -> SafeString:
        alone = re.compile(rf"<p>{self.mark.pattern}</p>")
        written = alone.sub(lambda found: self._paragraph_html(_name(found)), written)
        written = self.mark.sub(lambda found: html.escape(self.words.get(_name(found), "")), written)
        clean = nh3.clean(
            written,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            url_schemes={"http", "https", "mailto"},
            link_rel=None,
        )
        return mark_safe(clean)  # noqa: S308  cleaned by nh3 just above

    def _paragraph_text(self, name: str) -> str:
        if name in self.sections:
            return "\n\n".join(
                "\n".join([section.title, *(f"- {_line_text(line)}" for line in section.lines)])
                for section in self.sections[name]
            )
        return "\n".join(self.long[name]) if name in self.long else self.words.get(name, "")

    def _paragraph_html(self, name: str) -> str:
        if name in self.sections:
            return "".join(
                f"<h2>{html.escape(section.title)}</h2><ul>"
                + "".join(f"<li>{_line_html(line)}</li>" for line in section.lines)
                + "</ul>"
                for section in self.sections[name]
            )
        if name in self.long:
            paragraphs = "\n".join(html.escape(line) for line in self.long[name]).split("\n\n")
            return "".join(f"<p>{lines.replace(chr(10), '<br>')}</p>" for lines in paragraphs if lines)
        return f"<p>{html.escape(self.words.get(name, ''))}</p>"


def _name(found: re.Match[str]) -> str:
    return bytes.fromhex(found[1]).decode()


def _lines(value: object) -> list[str]:
    """The lines of a long value, each harmless, with at most one empty line between them."""
    lines = [one_line(line) for line in str(value)[:LONGEST_VALUE].splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip().split("\n")


def _line_text(line: Line) -> str:
    return one_line(line.text) + (f" {line.url}" if line.url else "")


def _line_html(line: Line) -> str:
    text = html.escape(one_line(line.text))
    return f'<a href="{html.escape(line.url)}">{text}</a>' if line.url else text


def _dressed(tokens: list[Token]) -> str:
    """The HTML, with a class on links that are a paragraph of their own."""
    for token in tokens:
        children = token.children or []
        if [child.type for child in children] == ["link_open", "text", "link_close"]:
            children[0].attrSet("class", "go")
    written: str = _PARSER.renderer.render(tokens, _PARSER.options, {})
    return re.sub(r"<(/?)h1>", r"<\1h2>", written)


def _plain(tokens: list[Token]) -> str:
    """The same words for readers of plain text: links with their addresses, lists with dashes."""
    blocks: list[str] = []
    depth, fresh = 0, False
    for token in tokens:
        sort = token.type
        if sort == "list_item_open":
            depth, fresh = depth + 1, True
        elif sort == "list_item_close":
            depth -= 1
        elif sort in ("bullet_list_close", "ordered_list_close"):
            blocks.append("\n")
        elif sort == "inline":
            lead = "  " * max(depth - 1, 0) + ("- " if fresh else "  ") if depth else ""
            blocks.append(lead + _inline(token.children or []) + ("\n" if depth else "\n\n"))
            fresh = False
        elif sort in ("fence", "code_block"):
            blocks.append(token.content + "\n")
        elif sort == "hr":
            blocks.append("--\n\n")
    return re.sub(r"\n{3,}", "\n\n", "".join(blocks))


def _inline(tokens: list[Token]) -> str:
    written, leads = "", []
    for token in tokens:
        sort = token.type
        if sort == "link_open":
            leads.append((str(token.attrGet("href") or ""), len(written)))
        elif sort == "link_close":
            address, start = leads.pop()
            said = written[start:]
            written += "" if said == address else f": {address}" if said else address
        elif sort in ("softbreak", "hardbreak"):
            written += "\n"
        else:
            written += token.content
    return written
