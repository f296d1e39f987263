"""What a file is: told by what is in it, never by its name or by what is said of it."""

import re
from io import BytesIO

from kernel import zip_files
from kernel.errors import Refused

PDF, ZIP, TEXT = "application/pdf", "application/zip", "text/plain"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"

_BEGINNINGS = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)
#: What lies in a zip that is more than a zip: the beginning of a path, and what it makes of the whole.
_INSIDE = (
    ("word/", f"{_OFFICE}.wordprocessingml.document"),
    ("xl/", f"{_OFFICE}.spreadsheetml.sheet"),
    ("ppt/", f"{_OFFICE}.presentationml.presentation"),
)
_DECLARED = {
    f"{_OPEN}.text": ".odt",
    f"{_OPEN}.spreadsheet": ".ods",
    f"{_OPEN}.presentation": ".odp",
    "application/epub+zip": ".epub",
}
#: How the name of a file of that type ends; a text may have other endings that run nowhere.
ENDINGS = {
    PDF: ".pdf",
    ZIP: ".zip",
    TEXT: ".txt",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    f"{_OFFICE}.wordprocessingml.document": ".docx",
    f"{_OFFICE}.spreadsheetml.sheet": ".xlsx",
    f"{_OFFICE}.presentationml.presentation": ".pptx",
    **_DECLARED,
}
_TEXTS = (".txt", ".md", ".csv", ".tsv", ".json", ".ics", ".gpx", ".srt")
#: What a browser or a desk would read as a page or a drawing, with scripts in it.
_MARKUP = re.compile(r"\s*<(!doctype|html|head|body|script|svg|\?xml|!--)", re.IGNORECASE)
_MACROS = "vbaproject.bin"
#: What ends a line or turns its direction, hides, or means something in a path.
_UNFIT = re.compile(
    '[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ud800-\\udfff/\\\\:*?"<>|]+'
)


def type_of(content: bytes) -> str:
    """The media type; empty for what is not taken: programs, pages, drawings, documents that run macros."""
    for beginning, found in _BEGINNINGS:
        if content.startswith(beginning):
            return found
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if zip_files.is_zip(BytesIO(content)):
        return _zipped(content)
    return TEXT if _is_text(content) else ""


def fitting_name(name: str, media_type: str) -> str:
    """The name that somebody gave the file, in one line and ending as its type does."""
    name = _UNFIT.sub("_", name).strip(" .")[-120:] or "file"
    endings: tuple[str, ...] = _TEXTS if media_type == TEXT else (ENDINGS[media_type],)
    if media_type == "image/jpeg":
        endings = (".jpg", ".jpeg")
    return name if name.lower().endswith(endings) else name + ENDINGS[media_type]


def _zipped(content: bytes) -> str:
    try:
        paths = zip_files.paths(BytesIO(content))
    except Refused:
        return ""
    if any(path.lower().endswith(_MACROS) for path in paths):
        return ""
    if "[Content_Types].xml" in paths:
        return next((kind for part, kind in _INSIDE if any(path.startswith(part) for path in paths)), ZIP)
    # OpenDocument and EPUB begin with a file that says what they are, and is not packed.
    for declared in _DECLARED:
        if content[30:38] == b"mimetype" and content[38:].startswith(declared.encode() + b"PK"):
            return declared
    return ZIP


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return bool(text) and "\x00" not in text and not _MARKUP.match(text)
