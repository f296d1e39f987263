"""Pictures without what they tell of their maker: where, when and with what they were taken.

Only the parts that a picture needs to be shown are kept, and of what a camera says which way up it was held; the
pixels are not touched. What is broken is refused, so nothing that pretends to be a picture passes.
"""

import re
import struct
from typing import Literal

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
#: Parts of a JPEG beside its frames and tables: APP0 (JFIF), APP2 (colour profile) and APP14 (Adobe's colours).
_JPEG_KEPT = frozenset({0xE0, 0xE2, 0xEE})
#: Parts of a PNG that change how it looks; all that begin with a capital are needed as well.
_PNG_KEPT = frozenset({b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs", b"bKGD"})

#: What follows the head of a scan: bytes, and after 0xFF only a zero or a mark to begin anew.
_PIXELS = re.compile(rb"(?:[^\xff]++|\xff++[\x00\xd0-\xd7])*+", re.DOTALL)

#: The beginning of a part that a camera writes (Exif 2.3), and of its words the one that turns the picture.
_EXIF, _ORIENTATION, _SHORT = b"Exif\x00\x00", 0x0112, 3
_UPRIGHT = 1
_ENDS: dict[str, Literal["little", "big"]] = {"<": "little", ">": "big"}


def stripped(content: bytes) -> bytes:
    """The picture without metadata. Raises `ValueError` for what is no whole JPEG or PNG."""
    if content.startswith(PNG):
        return _png(content)
    if content.startswith(JPEG):
        return _jpeg(content)
    raise ValueError("Neither a JPEG nor a PNG.")


def _png(content: bytes) -> bytes:
    kept, at = [PNG], len(PNG)
    while True:
        head = content[at : at + 8]
        if len(head) < 8:
            raise ValueError("The PNG ends before its end.")
        size, kind = struct.unpack(">I4s", head)
        part = content[at : at + 12 + size]
        if len(part) < 12 + size:
            raise ValueError("A part of the PNG is cut off.")
        if kind[:1].isupper() or kind in _PNG_KEPT:
            kept.append(part)
        if kind == b"IEND":
            # What is hung behind the end is no part of the picture.
            return b"".join(kept)
        at += 12 + size


def _jpeg(content: bytes) -> bytes:
    kept, at, turned = [content[:2]], 2, _UPRIGHT
    while True:
        if len(content) < at + 2 or content[at] != 0xFF:
            raise ValueError("The JPEG is broken.")
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            # Whatever hangs behind the end, a second picture say, is no part of this one.
            return b"".join([*kept, content[at : at + 2]])
        size = int.from_bytes(content[at + 2 : at + 4], "big")
        part = content[at : at + 2 + size]
        if size < 2 or len(part) < 2 + size:
            raise ValueError("A part of the JPEG is cut off.")
        if turned == _UPRIGHT and (turned := _orientation(part)) != _UPRIGHT:
            kept.append(_turning(turned))
        comment_or_application = marker == 0xFE or 0xE0 <= marker <= 0xEF
        if not comment_or_application or marker in _JPEG_KEPT:
            kept.append(part)
        at += 2 + size
        if marker == 0xDA:
            pixels = _PIXELS.match(content, at)
            kept.append(pixels[0] if pixels else b"")
            at += len(kept[-1])


def _orientation(part: bytes) -> int:
    """How the pixels are to be turned, 1 to 8 as Exif counts; 1, for not at all, where a part says nothing of it."""
    tiff = part[10:] if part[1] == 0xE1 and part[4:10] == _EXIF else b""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return _UPRIGHT
    (start,) = struct.unpack(f"{order}I", tiff[4:8])
    count, words = int.from_bytes(tiff[start : start + 2], _ENDS[order]), tiff[start + 2 :]
    for word in (words[at : at + 10] for at in range(0, min(len(words) - 9, 12 * count), 12)):
        tag, kind, count, value = struct.unpack(f"{order}HHIH", word)
        if (tag, kind, count) == (_ORIENTATION, _SHORT, 1):
            return value if 1 <= value <= 8 else _UPRIGHT
    return _UPRIGHT


def _turning(orientation: int) -> bytes:
    """A camera's part that says this and nothing else."""
    words = struct.pack(">HHHIHHI", 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)
    body = _EXIF + b"MM\x00*" + struct.pack(">I", 8) + words
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
