"""Pictures without what they tell of their maker: where, when and with what they were taken.

Only the parts that a picture needs to be shown are kept; the pixels are not touched. What is broken is refused,
so nothing that pretends to be a picture passes.
"""

import re
import struct

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
#: Parts of a JPEG beside its frames and tables: APP0 (JFIF), APP2 (colour profile) and APP14 (Adobe's colours).
_JPEG_KEPT = frozenset({0xE0, 0xE2, 0xEE})
#: Parts of a PNG that change how it looks; all that begin with a capital are needed as well.
_PNG_KEPT = frozenset({b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs", b"bKGD"})

#: What follows the head of a scan: bytes, and after 0xFF only a zero or a mark to begin anew.
_PIXELS = re.compile(rb"(?:[^\xff]++|\xff++[\x00\xd0-\xd7])*+", re.DOTALL)


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
    kept, at = [content[:2]], 2
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
        comment_or_application = marker == 0xFE or 0xE0 <= marker <= 0xEF
        if not comment_or_application or marker in _JPEG_KEPT:
            kept.append(part)
        at += 2 + size
        if marker == 0xDA:
            pixels = _PIXELS.match(content, at)
            kept.append(pixels[0] if pixels else b"")
            at += len(kept[-1])
