"""Small drawings made on the server: initials, tints and little lines."""

import re
import zlib
from itertools import pairwise

from django.utils.html import format_html
from django.utils.safestring import SafeString

TINTS = 6
WIDTH, HEIGHT, MARGIN = 120.0, 32.0, 3.0
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


def initials(name: str) -> str:
    """Two characters that stand for a name: 王小明 -> 小明, 李雷 -> 李雷, Ada Lovelace -> AL, ada -> A."""
    han = "".join(_HAN.findall(name))
    if han:
        return han[-2:]
    parts = [part for part in re.split(r"[\s._\-@]+", name) if part and part[0].isalnum()]
    if not parts:
        return name.strip()[:1].upper() or "?"
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()


def tint(seed: str) -> int:
    return zlib.crc32(seed.encode()) % TINTS


def spark(values: list[float | None], label: str) -> SafeString:
    """A line over its pale area; a null breaks it, the last known value is a dot. Scaled from zero. Nothing where no two known
    values follow one another: there would be no line."""
    known = [value for value in values if value is not None]
    if not any(None not in pair for pair in pairwise(values)):
        return SafeString("")
    low, high = min(0.0, *map(float, known)), max(map(float, known))
    span = (high - low) or 1.0
    step = WIDTH / (len(values) - 1)
    scale = (HEIGHT - 2 * MARGIN) / span
    points = [
        None if value is None else (i * step, HEIGHT - MARGIN - (float(value) - low) * scale)
        for i, value in enumerate(values)
    ]
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    runs = [run for run in runs if run]
    drawn = [(run[0][0], run[-1][0], "L".join(f"{x:.1f} {y:.1f}" for x, y in run)) for run in runs]
    line = "".join(f"M{path}" for _first, _last, path in drawn)
    area = "".join(f"M{first:.1f} {HEIGHT}L{path}L{last:.1f} {HEIGHT}Z" for first, last, path in drawn)
    x, y = runs[-1][-1]
    said = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<span class="spark"><svg viewBox="0 0 {} {}" preserveAspectRatio="none" {}>'
        '<path class="spark-area" d="{}"/><path class="spark-line" d="{}"/>'
        '<path class="spark-end" d="M{} {}h0"/></svg></span>',
        int(WIDTH),
        int(HEIGHT),
        said,
        area,
        line,
        f"{x:.1f}",
        f"{y:.1f}",
    )
