"""Pictures made anew: upright, in the two sizes that pages need, and nothing kept of what they came with but the pixels.

For what is only to be cleaned and else left as it was sent, see `kernel.pictures`.
"""

import struct
import threading
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageOps

#: The longer side, in pixels: of what fills a screen, and of what stands in a page.
LARGE, SMALL = 2048, 640
#: Pixels of a picture that is taken at all, by what it says of itself before anything is unpacked.
MOST_PIXELS = 50 * 1024 * 1024
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
QUALITY = 82

# Judged here, by one number: Pillow's own would warn first.
Image.MAX_IMAGE_PIXELS = None
#: A large picture takes 200 MB while it is unpacked: one at a time.
_unpacking = threading.Semaphore(1)
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error)


@dataclass(frozen=True)
class Photo:
    """`width` and `height` are of the large one; transparent pictures are WebP, all others JPEG."""

    media_type: str
    width: int
    height: int
    large: bytes
    small: bytes


def made_anew(content: bytes) -> Photo:
    """The picture from its pixels alone; of one that moves, how it begins. Raises `ValueError` for what is none, is
    broken, or is too large (`too many pixels`)."""
    with _unpacking:
        try:
            image: Any = Image.open(BytesIO(content), formats=FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise ValueError("too many pixels")
            # A JPEG is unpacked no larger than it is needed.
            image.draft("RGB", (LARGE, LARGE))
            image.load()
            large = _upright(image)
        except _BROKEN as error:
            raise ValueError(str(error)) from error
        small = large.copy()
        small.thumbnail((SMALL, SMALL), Image.Resampling.LANCZOS)
        form = "WEBP" if large.mode == "RGBA" else "JPEG"
        width, height = large.size
        return Photo(f"image/{form.lower()}", width, height, _written(large, form), _written(small, form))


def _upright(image: Any) -> Any:
    if image.mode.startswith("I"):
        image = _in_8_bits(image)
    profile, transparent = image.info.get("icc_profile"), image.has_transparency_data
    # Turned before anything else: what follows forgets how it was held.
    image = ImageOps.exif_transpose(image)
    image = image.convert("RGBA" if transparent else "RGB")
    image.thumbnail((LARGE, LARGE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if profile and not transparent:
        image = _in_common_colours(image, profile)
    image.info.clear()
    return image


def _in_8_bits(image: Any) -> Any:
    """A grey picture of 16 bits in as many shades as pages have: Pillow would take all above the 255th for white."""
    told = image.info.get("transparency")
    image = image.point(lambda shade: shade / 256).convert("L")
    if told is not None:
        image.info["transparency"] = told // 256
    return image


def _in_common_colours(image: Any, profile: bytes) -> Any:
    """The picture in sRGB, as every screen shows it; as it is where its profile cannot be read."""
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image


def _written(image: Any, form: str) -> bytes:
    found = BytesIO()
    options: dict[str, Any] = {"progressive": True, "optimize": True} if form == "JPEG" else {"method": 3}
    image.save(found, form, quality=QUALITY, **options)
    return found.getvalue()
