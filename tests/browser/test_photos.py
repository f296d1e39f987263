"""A photo that a phone held upright stays upright once what it tells of its maker is taken out: as a browser draws it."""

import base64
import struct

import pytest

from kernel import pictures

pytestmark = pytest.mark.browser

#: A real JPEG, twice as wide as high: red on its left, blue on its right.
TAKEN = """() => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 64, height: 32});
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  pen.fillStyle = '#f00'; pen.fillRect(0, 0, 32, 32);
  pen.fillStyle = '#00f'; pen.fillRect(32, 0, 32, 32);
  return canvas.toDataURL('image/jpeg', 0.95).split(',')[1];
}"""
#: How wide and high it is drawn, and the colour at its top and at its bottom.
DRAWN = """async (photo) => {
  const bytes = Uint8Array.from(atob(photo), (letter) => letter.charCodeAt(0));
  const drawn = await createImageBitmap(new Blob([bytes], {type: 'image/jpeg'}), {imageOrientation: 'from-image'});
  const canvas = Object.assign(document.createElement('canvas'), {width: drawn.width, height: drawn.height});
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  pen.drawImage(drawn, 0, 0);
  const at = (x, y) => [...pen.getImageData(x, y, 1, 1).data.slice(0, 3)].map((part) => Math.round(part / 255));
  return [drawn.width, drawn.height, at(8, 8), at(8, drawn.height - 8)];
}"""
RED, BLUE = [1, 0, 0], [0, 0, 1]


def held(photo: bytes, orientation: int) -> bytes:
    """The photo as a phone writes it: with which way up it was held, where it was, and by whom."""
    maker, place = b"Ada's phone\x00", b"52.37 N 4.89 E"
    words = struct.pack("<HHHII", 2, 0x010F, 2, len(maker), 38) + struct.pack(
        "<HHIHH", 0x0112, 3, 1, orientation, 0
    )
    exif = b"Exif\x00\x00II*\x00" + struct.pack("<I", 8) + words + bytes(4) + maker + place
    return photo[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + photo[2:]


def test_a_photo_is_drawn_the_way_up_it_was_taken(visit):
    visitor = visit(None)
    visitor.open("/")
    photo = base64.b64decode(visitor.page.evaluate(TAKEN))

    def drawn(content: bytes):
        return visitor.page.evaluate(DRAWN, base64.b64encode(content).decode())

    assert drawn(photo) == [64, 32, RED, RED]
    for orientation, wanted in (
        (6, [32, 64, RED, BLUE]),
        (8, [32, 64, BLUE, RED]),
        (3, [64, 32, BLUE, BLUE]),
    ):
        taken = held(photo, orientation)
        kept = pictures.stripped(taken)
        assert drawn(taken) == wanted == drawn(kept)
        assert b"Ada" in taken and b"Ada" not in kept and b"52.37" not in kept
    assert pictures.stripped(held(photo, 1)) == pictures.stripped(photo)
