"""Letters for documents that look the same on every device: a font made for one document, of the letters it has.

They come from Noto Sans SC, a variable font in slices by ranges of characters (`settings.FONTS_DIR`, fetched by npm). A slice
takes a tenth of a second to unpack, so it is kept unpacked in `settings.LETTERS_DIR`; reading the few letters that are needed
from there takes a hundredth. Nothing is shaped: what stands in no slice shows as a box.
"""

import json
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.filterPen import DecomposingFilterPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from kernel.words import one_line

FAMILY = "Noto Sans SC"
EM, ASCENT, DESCENT, CAPITAL = 1000, 1160, -288, 733
REGULAR, BOLD = 400, 700
#: Asked first: the slices that follow scripts. The numbered ones repeat some of their letters.
SCRIPTS = ["latin", "latin-ext", "vietnamese", "cyrillic"]
#: What shapes and substitutes, and what is for columns from top to bottom: not needed for drawing letters one by one.
_UNUSED = {"GPOS", "GSUB", "GDEF", "BASE", "vhea", "vmtx", "prep", "gasp", "STAT"}
#: The first of January 1970, as fonts count it.
_EPOCH = 0x7C259DC0
_SELECTORS = frozenset([*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])

Drawn = tuple[Any, int]


class NoLetters(Exception):
    """The letters are not installed."""


def installed() -> bool:
    return (settings.FONTS_DIR / "unicode.json").is_file()


def drawable(text: str) -> str:
    """The text on one line and composed, without what is not drawn: marks of direction and joining, selectors, controls."""
    composed = unicodedata.normalize("NFC", one_line(text))
    return "".join(
        letter
        for letter in composed
        if unicodedata.category(letter) not in {"Cc", "Cf", "Cs"} and ord(letter) not in _SELECTORS
    )


@lru_cache(maxsize=512)
def are_drawn(text: str) -> bool:
    """Whether none of it shows as a box. Raises `NoLetters`."""
    wanted = {letter for letter in text if not letter.isspace()}
    return wanted == {letter for letter, _ in _draw(sorted(wanted), [])}


def make_fonts(letters: Iterable[str], paths: dict[int, Path]) -> None:
    """Write a font with these letters for each weight to its path; the same letters give the same file. Raises `NoLetters`."""
    wanted = sorted(set(letters) | {" "})
    drawn = dict(_draw(wanted, list(paths)))
    box, space = _box(), (TTGlyphPen(None).glyph(), 224)
    for weight, path in paths.items():
        glyphs: dict[str, Drawn] = {".notdef": box}
        names: dict[int, str] = {}
        for letter in wanted:
            name = names[ord(letter)] = f"u{ord(letter):05X}"
            has = drawn.get(letter)
            glyphs[name] = has[weight] if has else space if letter.isspace() else box
        _write(glyphs, names, weight, path)


def _draw(letters: list[str], weights: list[int]) -> Iterator[tuple[str, dict[int, Drawn]]]:
    """Those of the letters that stand in a slice, drawn in these weights, each slice being opened once."""
    left = set(letters)
    for name, maybe in _by_slice(letters).items():
        if left.isdisjoint(maybe):
            continue
        with _opened(name) as font:
            has = font.getBestCmap()
            found = [letter for letter in maybe if letter in left and ord(letter) in has]
            sets = {weight: font.getGlyphSet(location={"wght": weight}) for weight in weights}
            for letter in found:
                yield letter, {weight: _drawn(glyphs, has[ord(letter)]) for weight, glyphs in sets.items()}
            left -= set(found)


def _drawn(glyphs: Any, name: str) -> Drawn:
    glyph, pen = glyphs[name], TTGlyphPen(None)
    glyph.draw(DecomposingFilterPen(pen, glyphs))
    return pen.glyph(), round(glyph.width)


def _by_slice(letters: list[str]) -> dict[str, list[str]]:
    """The letters under each slice that may have them, in the order in which the slices are asked."""
    found: dict[str, list[str]] = {}
    places = _places()
    for letter in letters:
        for name in places.get(ord(letter), ()):
            found.setdefault(name, []).append(letter)
    order = {name: at for at, name in enumerate(SCRIPTS)}
    return dict(sorted(found.items(), key=lambda item: (order.get(item[0], len(order)), item[0])))


@lru_cache(maxsize=1)
def _places() -> dict[int, list[str]]:
    """Which slices may have a character."""
    if not installed():
        raise NoLetters
    ranges = json.loads((settings.FONTS_DIR / "unicode.json").read_text())
    places: dict[int, list[str]] = {}
    for key, written in ranges.items():
        for part in written.split(","):
            first, _, last = part.removeprefix("U+").partition("-")
            for code in range(int(first, 16), int(last or first, 16) + 1):
                places.setdefault(code, []).append(key.strip("[]"))
    return places


def _opened(name: str) -> TTFont:
    packed = settings.FONTS_DIR / f"noto-sans-sc-{name}-wght-normal.woff2"
    try:
        content = packed.read_bytes()
    except FileNotFoundError as missing:
        raise NoLetters from missing
    kept = settings.LETTERS_DIR / f"{name}-{sha256(content).hexdigest()[:12]}.ttf"
    if not kept.exists():
        with TTFont(packed, lazy=True, recalcTimestamp=False, recalcBBoxes=False) as font:
            _keep(font, kept)
    # Where nothing can be kept it is unpacked each time.
    return TTFont(kept if kept.exists() else packed, lazy=True)


def _keep(font: TTFont, path: Path) -> None:
    """Keep a slice unpacked. Two who do it at once write the same, and nobody reads half of it."""
    font.flavor = None
    for table in _UNUSED & set(font.keys()):
        del font[table]
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
            font.save(part)
        Path(part.name).replace(path)


def _box() -> Drawn:
    pen = TTGlyphPen(None)
    for inset, turn in ((60, 1), (110, -1)):
        corners = [
            (inset, inset - 60),
            (inset, 760 - inset),
            (660 - inset, 760 - inset),
            (660 - inset, inset - 60),
        ]
        first, *rest = corners[::turn]
        pen.moveTo(first)
        for corner in rest:
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph(), 660


def _write(glyphs: dict[str, Drawn], names: dict[int, str], weight: int, path: Path) -> None:
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap(names)
    builder.setupGlyf({name: glyph for name, (glyph, _) in glyphs.items()})
    outlines = builder.font["glyf"]
    builder.setupHorizontalMetrics(
        {name: (width, getattr(outlines[name], "xMin", 0)) for name, (_, width) in glyphs.items()}
    )
    builder.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    style = "Bold" if weight >= BOLD else "Regular"
    builder.setupNameTable(
        {"familyName": FAMILY, "styleName": style, "psName": f"NotoSansSC-{style}"}, mac=False
    )
    builder.setupOS2(usWeightClass=weight, sTypoAscender=ASCENT, sTypoDescender=DESCENT, sCapHeight=CAPITAL)
    builder.setupPost()
    # The same letters are the same file, whenever it is made.
    builder.updateHead(created=_EPOCH, modified=_EPOCH)
    builder.save(path)
