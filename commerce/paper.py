"""A sheet of paper: what it says, laid out on A4 pages, as a PDF.

Everything is laid out before anything is drawn, so that each page knows how many there are. Its two fonts are made for it and
embedded, and its date is the document's: the same sheet is the same bytes.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import segno
from django.utils.translation import gettext as _
from fpdf import FPDF

from kernel import letters
from kernel.letters import drawable

LEFT, RIGHT, TOP, BOTTOM, FOOT = 20.0, 190.0, 20.0, 272.0, 285.0
GAP = 6.0
#: Not a middle dot, which is as wide as a character of Chinese in these letters.
BETWEEN = " \u2013 "
BODY, SMALL, LARGE, TITLE = 9.5, 8.0, 11.0, 21.0
#: A column of words is never narrower; its neighbours write smaller instead.
WORDS = 52.0
MILLIMETRES = 25.4 / 72
INK, INK_2, LINE = (33, 30, 26), (111, 104, 93), (216, 210, 200)

# A line breaks between words, and between characters of Chinese, but not before what closes or after what opens.
_HAN = "\u3040-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_OPENS, _CLOSES = "（「『《〈【“‘", "，。、；：？！）」』》〉】”’…"
_PIECES = re.compile(rf"\s+|[{_OPENS}]*[{_HAN}][{_CLOSES}]*|[^\s{_HAN}{_OPENS}]+|.")


@dataclass(frozen=True)
class Row:
    """The first cell is words and may take several lines, with `below` in small ones under it; the others are figures."""

    cells: list[str]
    below: str = ""


@dataclass(frozen=True)
class Sum:
    label: str
    value: str
    strong: bool = False


@dataclass(frozen=True)
class Sheet:
    title: str
    number: str
    language: str
    written_at: datetime
    seller: list[str]
    facts: list[tuple[str, str]]
    columns: list[str]
    rows: list[Row]
    sums: list[Sum]
    #: What came of it later, under a heading of its own.
    later: list[Sum] = field(default_factory=list)
    later_heading: str = ""
    #: Where it is paid, as a code to be scanned and as words; "" where nothing is to be paid.
    link: str = ""
    link_heading: str = ""

    def texts(self) -> Iterator[str]:
        yield from (self.title, self.number, *self.seller, *self.columns)
        yield from (text for fact in self.facts for text in fact)
        yield from (text for row in self.rows for text in (*row.cells, row.below))
        yield from (text for sum in (*self.sums, *self.later) for text in (sum.label, sum.value))
        yield from (
            self.later_heading,
            self.link,
            self.link_heading,
            page_words(1234567890, 1234567890),
            f"{BETWEEN}…",
        )


@dataclass(frozen=True)
class Text:
    """Words on their baseline; with `right`, `x` is where they end."""

    x: float
    y: float
    words: str
    size: float = BODY
    bold: bool = False
    grey: bool = False
    right: bool = False


@dataclass(frozen=True)
class Rule:
    x: float
    y: float
    strong: bool = False


@dataclass(frozen=True)
class Code:
    x: float
    y: float
    side: float
    link: str


def page_words(page: int, pages: int) -> str:
    return _("Page %(page)d of %(pages)d") % {"page": page, "pages": pages}


def pdf(sheet: Sheet) -> bytes:
    """The sheet as a PDF, in the active language. Raises `letters.NoLetters` where they are not installed."""
    wanted = drawable("".join(sheet.texts()))
    with tempfile.TemporaryDirectory(prefix="paper-") as folder:
        document = FPDF(format="A4")
        paths = {weight: Path(folder) / f"{weight}.ttf" for weight in (letters.REGULAR, letters.BOLD)}
        letters.make_fonts(wanted, paths)
        document.add_font("letters", "", paths[letters.REGULAR])
        document.add_font("letters", "B", paths[letters.BOLD])
        document.set_auto_page_break(False)
        # No words of anybody are taken for the number of pages.
        document.str_alias_nb_pages = ""
        document.set_title(f"{sheet.title} {sheet.number}")
        document.set_author(drawable(sheet.seller[0]))
        document.set_lang(sheet.language)
        document.set_creator("Crowdecon")
        document.set_creation_date(sheet.written_at)
        for marks in Layout(sheet, document).pages:
            document.add_page()
            for mark in marks:
                _draw(document, mark)
        return bytes(document.output())


class Layout:
    """Where everything stands, page by page. `y` is the upper edge of what comes next."""

    def __init__(self, sheet: Sheet, document: FPDF) -> None:
        self.sheet, self.document = sheet, document
        self.pages: list[list[Text | Rule | Code]] = []
        self._turn()
        self._head()
        self._facts()
        self._table()
        self._sums(sheet.sums)
        if sheet.later:
            self._later()
        if sheet.link:
            self._link()
        self._feet()

    def _turn(self) -> None:
        """To the next page."""
        self.pages.append([])
        self.y = TOP

    def _room(self, height: float) -> bool:
        """Make room for what is not to be torn; whether that took a new page."""
        if self.y + height <= BOTTOM:
            return False
        self._turn()
        return True

    def _put(self, *marks: Text | Rule | Code) -> None:
        self.pages[-1].extend(marks)

    def _lines(self, x: float, y: float, lines: list[str], size: float = BODY, **how: Any) -> float:
        """Put lines under one another, the first one's upper edge at `y`; their lower edge."""
        for line in lines:
            self._put(Text(x, y + size * 0.40, line, size, **how))
            y += leading(size)
        return y

    def _head(self) -> None:
        sheet, half = self.sheet, (RIGHT - LEFT) / 2
        left = self._lines(LEFT, self.y, self._wrapped(sheet.title, half, TITLE, bold=True), TITLE, bold=True)
        left = self._lines(LEFT, left, [sheet.number], LARGE, grey=True)
        name, *lines = sheet.seller
        right = self.y + 2
        right = self._lines(RIGHT, right, self._wrapped(name, half - GAP, bold=True), bold=True, right=True)
        for line in lines:
            wrapped = self._wrapped(line, half - GAP, SMALL)
            right = self._lines(RIGHT, right, wrapped, SMALL, grey=True, right=True)
        self.y = max(left, right) + 8

    def _facts(self) -> None:
        """Three in a row, each under its name."""
        width = (RIGHT - LEFT) / 3
        for first in range(0, len(self.sheet.facts), 3):
            lower = self.y
            for at, (label, value) in enumerate(self.sheet.facts[first : first + 3]):
                x = LEFT + at * width
                y = self._lines(x, self.y, [label], SMALL, grey=True)
                lower = max(lower, self._lines(x, y, self._wrapped(value, width - 4)))
            self.y = lower + 4
        self.y += 4

    def _table(self) -> None:
        sheet = self.sheet
        figures = [column[1:] for column in [sheet.columns, *(row.cells for row in sheet.rows)]]
        widths, size = self._widths(figures)
        ends = [RIGHT - sum(widths[at + 1 :]) for at in range(len(widths))]
        room = RIGHT - LEFT - sum(widths)
        self._columns(ends)
        for row in sheet.rows:
            words = self._wrapped(row.cells[0], room)
            below = self._wrapped(row.below, room, SMALL) if row.below else []
            height = len(words) * leading(BODY) + len(below) * leading(SMALL) + 3
            if self._room(height):
                self._columns(ends)
            y = self._lines(LEFT, self.y, words[:1])
            for end, cell in zip(ends, row.cells[1:], strict=True):
                self._put(Text(end, self.y + BODY * 0.40, cell, size, right=True))
            y = self._lines(LEFT, y, words[1:])
            self._lines(LEFT, y, below, SMALL, grey=True)
            self.y += height
            self._put(Rule(LEFT, self.y - 1.8))

    def _widths(self, figures: list[list[str]]) -> tuple[list[float], float]:
        """How wide the columns of figures are, and in which size they are written."""
        size = BODY
        while True:
            widths = [
                max(self._width(cell, size) for cell in column) + GAP for column in zip(*figures, strict=True)
            ]
            if sum(widths) <= RIGHT - LEFT - WORDS or size <= 5:
                return widths, size
            size -= 0.5

    def _columns(self, ends: list[float]) -> None:
        first, *others = self.sheet.columns
        y = self.y + SMALL * 0.40
        self._put(Text(LEFT, y, first, SMALL, grey=True))
        self._put(
            *(
                Text(end, y, words, SMALL, grey=True, right=True)
                for end, words in zip(ends, others, strict=True)
            )
        )
        self._put(Rule(LEFT, self.y + 5, strong=True))
        self.y += 7.5

    def _sums(self, sums: list[Sum]) -> None:
        """To the right, under the last column; kept together."""
        self._room(len(sums) * 7 + 4)
        self.y += 2
        for sum in sums:
            size = LARGE if sum.strong else BODY
            if sum.strong:
                self._put(Rule(LEFT + (RIGHT - LEFT) / 2, self.y, strong=True))
                self.y += 2
            y = self.y + size * 0.40
            self._put(
                Text(LEFT + (RIGHT - LEFT) / 2, y, sum.label, size, bold=sum.strong, grey=not sum.strong)
            )
            self._put(Text(RIGHT, y, sum.value, size, bold=sum.strong, right=True))
            self.y += leading(size) + 1

    def _later(self) -> None:
        self.y += 8
        self._room(20)
        self.y = self._lines(LEFT, self.y, [self.sheet.later_heading], LARGE, bold=True) + 1
        for sum in self.sheet.later:
            label = self._wrapped(sum.label, RIGHT - LEFT - self._width(sum.value, BODY) - GAP)
            self._room(len(label) * leading(BODY) + 2)
            y = self._lines(LEFT, self.y, label[:1])
            self._put(Text(RIGHT, self.y + BODY * 0.40, sum.value, right=True))
            self.y = self._lines(LEFT, y, label[1:]) + 2
            self._put(Rule(LEFT, self.y - 1))

    def _link(self) -> None:
        side = 30.0
        self.y += 10
        self._room(side)
        x = LEFT + side + GAP
        self._put(Code(LEFT, self.y, side, self.sheet.link))
        y = self._lines(x, self.y + 4, [self.sheet.link_heading], LARGE, bold=True)
        self._lines(x, y + 1, self._wrapped(self.sheet.link, RIGHT - x, SMALL), SMALL, grey=True)
        self.y += side

    def _feet(self) -> None:
        """At the foot of each page whose it is, and which of how many."""
        foot = self._fitting(f"{self.sheet.number}{BETWEEN}{self.sheet.seller[0]}", RIGHT - LEFT - 40)
        for number, marks in enumerate(self.pages, start=1):
            said = page_words(number, len(self.pages))
            marks.append(Text(LEFT, FOOT, foot, SMALL, grey=True))
            marks.append(Text(RIGHT, FOOT, said, SMALL, grey=True, right=True))

    # Measuring

    def _width(self, words: str, size: float, bold: bool = False) -> float:
        return width(self.document, drawable(words), size, bold)

    def _fitting(self, words: str, room: float) -> str:
        """As much of the words as fits on one line."""
        lines = self._wrapped(words, room, SMALL)
        return lines[0] if len(lines) == 1 else lines[0] + "…"

    def _wrapped(self, words: str, room: float, size: float = BODY, bold: bool = False) -> list[str]:
        """The words in lines that fit; what has no place to break is broken where the line ends."""
        lines, line = [], ""
        for piece in _PIECES.findall(drawable(words)):
            if self._width(line + piece.rstrip(), size, bold) <= room:
                line += piece
                continue
            if line.strip():
                lines.append(line.rstrip())
            line = piece.lstrip()
            while self._width(line, size, bold) > room:
                cut = next(
                    n for n in range(len(line), 0, -1) if n == 1 or self._width(line[:n], size, bold) <= room
                )
                if cut == len(line):
                    break
                lines.append(line[:cut])
                line = line[cut:]
        return [*lines, line.rstrip()] if line.strip() or not lines else lines


def leading(size: float) -> float:
    """From one line to the next."""
    return size * MILLIMETRES * 1.45


def width(document: FPDF, words: str, size: float, bold: bool) -> float:
    widths: Any = document.fonts["lettersB" if bold else "letters"].cw
    return float(sum(widths[ord(letter)] for letter in words)) / letters.EM * size * MILLIMETRES


def _draw(document: FPDF, mark: Text | Rule | Code) -> None:
    if isinstance(mark, Text):
        words = drawable(mark.words)
        document.set_font("letters", "B" if mark.bold else "", mark.size)
        document.set_text_color(*(INK_2 if mark.grey else INK))
        x = mark.x - width(document, words, mark.size, mark.bold) if mark.right else mark.x
        document.text(x, mark.y, words)
    elif isinstance(mark, Rule):
        document.set_draw_color(*(INK_2 if mark.strong else LINE))
        document.set_line_width(0.2)
        document.line(mark.x, mark.y, RIGHT, mark.y)
    else:
        _draw_code(document, mark)


def _draw_code(document: FPDF, code: Code) -> None:
    matrix = segno.make(code.link, error="m", micro=False).matrix
    module = code.side / len(matrix)
    document.set_fill_color(0)
    for down, row in enumerate(matrix):
        for run in re.finditer(rb"\x01+", bytes(row)):
            x, y = code.x + run.start() * module, code.y + down * module
            document.rect(x, y, len(run.group()) * module, module, style="F")
    document.link(code.x, code.y, RIGHT - code.x, code.side, code.link)
