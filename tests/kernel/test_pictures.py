"""Pictures lose what they tell of their maker and keep what they show."""

import struct
import zlib

import pytest

from kernel import pictures

PLACE = b"52.37 N 4.89 E"


def part(kind, body):
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


HEAD = part(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
PIXELS, END = part(b"IDAT", zlib.compress(b"\x00\xff\x00\x00")), part(b"IEND", b"")
PLAIN_PNG = pictures.PNG + HEAD + part(b"gAMA", b"\x00\x00\xb1\x8f") + PIXELS + END
SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd9"
TABLES = segment(0xE0, b"JFIF\x00\x01\x01") + segment(0xDB, bytes(65)) + segment(0xC0, bytes(15))
PLAIN_JPEG = b"\xff\xd8" + TABLES + SCAN


def test_a_png_keeps_its_pixels_and_nothing_of_its_maker():
    told = part(b"tEXt", b"Place\x00" + PLACE) + part(b"eXIf", PLACE) + part(b"tIME", bytes(7))
    full = PLAIN_PNG.replace(PIXELS, told + PIXELS) + b"<script>"
    assert pictures.stripped(full) == PLAIN_PNG == pictures.stripped(PLAIN_PNG)


def test_a_jpeg_keeps_its_pixels_and_nothing_of_its_maker():
    told = segment(0xE1, b"Exif\x00\x00" + PLACE) + segment(0xED, PLACE) + segment(0xFE, PLACE)
    full = PLAIN_JPEG.replace(TABLES, TABLES + told) + PLAIN_JPEG.replace(TABLES, told) + b"<script>"
    assert pictures.stripped(full) == PLAIN_JPEG == pictures.stripped(PLAIN_JPEG)


def camera(orientation, order, *, entries=()):
    """What a camera writes: which way up it was held, among other words."""
    sign = "<" if order == b"II" else ">"
    words = [(0x010F, 2, 8, 0), (0x0112, 3, 1, orientation), *entries]
    found = b"".join(
        struct.pack(f"{sign}HHI", *word[:3])
        + struct.pack(f"{sign}HH" if word[1] == 3 else f"{sign}I", *word[3:], *([0] if word[1] == 3 else []))
        for word in words
    )
    head = order + struct.pack(f"{sign}HI", 42, 8) + struct.pack(f"{sign}H", len(words))
    return segment(0xE1, b"Exif\x00\x00" + head + found + bytes(4) + PLACE)


@pytest.mark.parametrize("order", [b"II", b"MM"])
def test_a_photo_stays_the_way_up_that_the_camera_was_held(order):
    held = PLAIN_JPEG.replace(TABLES, TABLES + camera(6, order))
    kept = pictures.stripped(held)
    assert PLACE not in kept and kept.replace(camera_only(6), b"") == PLAIN_JPEG
    assert pictures.stripped(kept) == kept
    for meaningless in (1, 0, 9):
        assert (
            pictures.stripped(PLAIN_JPEG.replace(TABLES, TABLES + camera(meaningless, order))) == PLAIN_JPEG
        )


def camera_only(orientation):
    """The smallest part that turns a picture, by Exif 2.3: one word in one directory."""
    word = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    return segment(0xE1, b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01" + word + bytes(4))


def test_a_jpeg_in_several_scans_stays_whole():
    scans = SCAN[:-2] + segment(0xC4, bytes(20)) + SCAN[:-2].replace(b"\x34", b"\xff\xd3\x56") + b"\xff\xd9"
    whole = b"\xff\xd8" + TABLES + scans
    assert pictures.stripped(whole) == whole
    assert pictures.stripped(whole.replace(segment(0xC4, bytes(20)), segment(0xFE, PLACE))) == whole.replace(
        segment(0xC4, bytes(20)), b""
    )


@pytest.mark.parametrize("whole", [PLAIN_PNG, PLAIN_JPEG])
def test_what_is_cut_off_is_no_picture(whole):
    for length in range(len(whole)):
        with pytest.raises(ValueError, match=r"PNG|JPEG"):
            pictures.stripped(whole[:length])


@pytest.mark.parametrize(
    "content", [b"", b"<svg/>", b"GIF89a", b"\xff\xd8\xff\xff\xff", b"\xff\xd8\xff\xe1\x00\x00"]
)
def test_what_pretends_is_no_picture(content):
    with pytest.raises(ValueError, match=r"PNG|JPEG"):
        pictures.stripped(content)
