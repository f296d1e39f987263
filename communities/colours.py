"""A community's own colour as a palette: what the style sheets' tokens are made of for one chosen colour.

The chosen colour keeps its hue. It is darkened by day and lifted by night only as far as reading needs: text on
it, in it and beside it has a contrast of 4.5 or more (WCAG 2.2, 1.4.3), on every ground that tokens.css has.
"""

import re
from collections.abc import Callable, Iterable

#: As it is kept: "#" and six hexadecimal digits, small letters.
COLOUR = re.compile(r"#[0-9a-f]{6}")
#: What WCAG 2.2 asks of text of any size.
READABLE = 4.5

Rgb = tuple[float, float, float]


def rgb(colour: str) -> Rgb:
    """Red, green and blue, each 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def written(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*(round(part) for part in colour))


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Rgb) -> float:
    """Relative luminance (WCAG 2.2, "relative luminance")."""
    parts = (part / 255 for part in colour)
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(colour: Rgb, other: Rgb, share: float) -> Rgb:
    """`colour` with `share` (0 to 1) of it replaced by `other`, as CSS's `color-mix(in srgb)` does."""
    red, green, blue = (a + (b - a) * share for a, b in zip(colour, other, strict=True))
    return round(red), round(green), round(blue)


BLACK, WHITE = rgb("#000000"), rgb("#ffffff")
# The grounds and inks of tokens.css; a test holds the two equal.
DAY = {"paper": rgb("#faf8f4"), "surface": WHITE, "sunken": rgb("#f3f0ea"), "hover": rgb("#f5f2ed")}
NIGHT = {
    "paper": rgb("#151311"), "surface": rgb("#1d1a17"), "sunken": rgb("#100f0d"), "hover": rgb("#25211d"),
}  # fmt: skip
NIGHT_INK, ON_NIGHT = rgb("#f1ece4"), rgb("#1a1714")
#: The strongest step of the cohort map that is still written on in the page's own ink (charts.css, step 6).
HEAT = 0.45


def by_day(chosen: str) -> dict[str, str]:
    """The tokens on light grounds, by name; white is readable on `accent`."""
    grounds = DAY.values()
    accent = _until(rgb(chosen), BLACK, lambda colour: _reads(colour, grounds))
    soft = mixed(DAY["surface"], accent, 0.1)
    return _tokens(
        accent=accent,
        hover=mixed(accent, BLACK, 0.14),
        ink=_until(accent, BLACK, lambda colour: _reads(colour, [*grounds, soft])),
        soft=soft,
        second=mixed(DAY["surface"], accent, 0.5),
        on=WHITE,
    )


def by_night(chosen: str) -> dict[str, str]:
    """The tokens on dark grounds, by name; near-black is readable on `accent`."""
    grounds, surface = NIGHT.values(), NIGHT["surface"]
    lifted = _until(rgb(chosen), WHITE, lambda colour: _reads(colour, grounds))
    accent = _until(
        lifted, BLACK, lambda colour: contrast(NIGHT_INK, mixed(surface, colour, HEAT)) >= READABLE
    )
    soft = mixed(surface, accent, 0.16)
    return _tokens(
        accent=accent,
        hover=mixed(accent, WHITE, 0.2),
        ink=_until(accent, WHITE, lambda colour: _reads(colour, [*grounds, soft])),
        soft=soft,
        second=mixed(surface, accent, 0.5),
        on=ON_NIGHT,
    )


def stylesheet(*, slug: str, colour: str) -> str:
    """The style sheet that gives everything marked with the community its own colour.

    It stands in no cascade layer, so it wins over the types' colours whatever their selectors weigh.
    """
    mine = f'[data-community="{slug}"]'
    night = _rule(by_night(colour))
    system, told = ':root:not([data-theme="light"])', ':root[data-theme="dark"]'
    return (
        f"{mine} {_rule(by_day(colour))}\n"
        f"@media (prefers-color-scheme: dark) {{ {system}{mine}, {system} {mine} {night} }}\n"
        f"{told}{mine}, {told} {mine} {night}\n"
    )


def _rule(tokens: dict[str, str]) -> str:
    return "{ " + " ".join(f"--{name}: {value};" for name, value in tokens.items()) + " }"


def _tokens(*, accent: Rgb, hover: Rgb, ink: Rgb, soft: Rgb, second: Rgb, on: Rgb) -> dict[str, str]:
    named = {
        "accent": accent, "accent-hover": hover, "accent-ink": ink, "accent-soft": soft, "accent-2": second,
        "on-accent": on,
    }  # fmt: skip
    return {name: written(colour) for name, colour in named.items()}


def _reads(colour: Rgb, grounds: Iterable[Rgb]) -> bool:
    return all(contrast(colour, ground) >= READABLE for ground in grounds)


def _until(colour: Rgb, towards: Rgb, fits: Callable[[Rgb], bool]) -> Rgb:
    """The colour, mixed with as little of `towards` as makes it fit."""
    steps = (mixed(colour, towards, percent / 100) for percent in range(100))
    return next((step for step in steps if fits(step)), towards)
