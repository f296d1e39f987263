"""Pictures made anew: upright, in two sizes, and with nothing of what a camera tells."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from kernel import photos

RED, BLUE = (255, 0, 0), (0, 0, 255)


def picture(form: str, size=(64, 32), mode="RGB", **options) -> bytes:
    """Red on its left, blue on its right."""
    image = Image.new(mode, size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    found = BytesIO()
    image.save(found, form, **options)
    return found.getvalue()


def camera(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Ada's phone", orientation
    exif.get_ifd(0x8825)[2] = (52.0, 22.0, 12.0)
    return exif.tobytes()


def nearest(content: bytes, place) -> tuple[int, ...]:
    pixel = Image.open(BytesIO(content)).convert("RGB").getpixel(place)
    return tuple(255 if part > 128 else 0 for part in pixel)


@pytest.mark.parametrize(
    ("orientation", "size", "top", "bottom"),
    [(1, (64, 32), RED, RED), (6, (32, 64), RED, BLUE), (8, (32, 64), BLUE, RED), (3, (64, 32), BLUE, BLUE)],
)
def test_a_photo_stands_upright_and_tells_nothing(orientation, size, top, bottom):
    made = photos.made_anew(picture("JPEG", exif=camera(orientation), comment=b"by Ada"))
    assert (made.media_type, made.width, made.height) == ("image/jpeg", *size)
    for content in (made.large, made.small):
        again = Image.open(BytesIO(content))
        assert (nearest(content, (8, 8)), nearest(content, (8, size[1] - 8))) == (top, bottom)
        assert dict(again.getexif()) == {} and not {"exif", "comment", "icc_profile", "xmp"} & set(again.info)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF"])
def test_every_form_that_is_taken_becomes_one_that_browsers_draw(form):
    made = photos.made_anew(picture(form))
    assert (made.media_type, made.width, made.height) == ("image/jpeg", 64, 32)
    seen_through = picture("PNG", mode="RGBA")
    assert photos.made_anew(seen_through).media_type == "image/webp"


def test_large_ones_are_made_smaller():
    made = photos.made_anew(picture("JPEG", size=(5000, 1000)))
    small = Image.open(BytesIO(made.small))
    assert (made.width, made.height, small.size) == (2048, 410, (640, 128))


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_of_one_that_moves_the_beginning_stays(form):
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, BLUE)]
    found = BytesIO()
    frames[0].save(found, form, save_all=True, append_images=frames[1:])
    made = photos.made_anew(found.getvalue())
    assert (nearest(made.large, (8, 8)), made.media_type) == (RED, "image/jpeg")
    assert getattr(Image.open(BytesIO(made.large)), "n_frames", 1) == 1


def part(kind: bytes, body: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def grey_of_16_bits(*more: bytes) -> bytes:
    """From black on the left to white on the right; `more` parts between its head and its pixels."""
    head = part(b"IHDR", struct.pack(">IIBBBBB", 64, 8, 16, 0, 0, 0, 0))
    row = b"\x00" + b"".join(struct.pack(">H", n * 65535 // 63) for n in range(64))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + b"".join(more)
        + part(b"IDAT", zlib.compress(row * 8))
        + part(b"IEND", b"")
    )


def shades(content: bytes, *across: int, mode: str = "L") -> list:
    image = Image.open(BytesIO(content)).convert(mode)
    return [image.getpixel((x, image.height // 2)) for x in across]


def test_grey_of_16_bits_keeps_its_shades():
    made = photos.made_anew(grey_of_16_bits())
    found = shades(made.large, 0, 16, 32, 48, 63)
    assert made.media_type == "image/jpeg"
    assert all(abs(one - n * 255 // 63) < 8 for one, n in zip(found, (0, 16, 32, 48, 63), strict=True)), found
    # What is black is seen through.
    seen_through = photos.made_anew(grey_of_16_bits(part(b"tRNS", b"\x00\x00")))
    assert shades(seen_through.large, 0, 63, mode="LA")[1][0] > 247


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_every_mode_of_colour_is_drawn(mode):
    """Its left half is light and its right half dark, whatever they are made of."""
    image = Image.new("RGB", (64, 32), "white")
    image.paste("black", (32, 0, 64, 32))
    found = BytesIO()
    image.convert(mode).save(found, "JPEG" if mode == "CMYK" else "PNG")
    light, dark = shades(photos.made_anew(found.getvalue()).small, 8, 56)
    assert light > 240 and dark < 15


def test_a_palette_with_a_hole_stays_seen_through():
    image = Image.new("P", (64, 32), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (32, 0, 64, 32))
    for form in ("PNG", "GIF"):
        found = BytesIO()
        image.save(found, form, transparency=0)
        made = photos.made_anew(found.getvalue())
        hole, blue = shades(made.large, 8, 56, mode="RGBA")
        assert (made.media_type, hole[3], blue[3], blue[2] > 200) == ("image/webp", 0, 255, True)


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (16_400, 3)])
def test_narrow_and_tiny_ones_stay_pictures(size):
    made = photos.made_anew(picture("PNG", size))
    small = Image.open(BytesIO(made.small))
    assert max(made.width, made.height) <= photos.LARGE and min(made.width, made.height, *small.size) >= 1


def bomb() -> bytes:
    """A PNG of a few bytes that would be unpacked to 40 GB."""

    head = part(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + part(b"IDAT", zlib.compress(b"")) + part(b"IEND", b"")


def test_a_bomb_is_not_unpacked():
    with pytest.raises(ValueError, match="too many pixels"):
        photos.made_anew(bomb())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        picture("JPEG")[:200],
        picture("PNG")[:60],
        b"\xff\xd8\xff" + bytes(50),
        picture("TIFF"),
    ],
)
def test_what_is_broken_or_none_is_refused(content):
    with pytest.raises(ValueError):
        photos.made_anew(content)
