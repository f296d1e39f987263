"""What a file is, by its content: what runs, draws or pretends is not taken."""

import zipfile
from io import BytesIO

import pytest

from kernel import media
from tests.kernel.test_pictures import PLAIN_JPEG, PLAIN_PNG


def zipped(*paths: str) -> bytes:
    found = BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        for path in paths:
            content = "application/vnd.oasis.opendocument.text" if path == "mimetype" else "x"
            archive.writestr(path, content)
    return found.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (PLAIN_PNG, "image/png"),
        (PLAIN_JPEG, "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBP", "image/webp"),
        (zipped("a.txt"), "application/zip"),
        (zipped("[Content_Types].xml", "word/document.xml"), WORD),
        (zipped("mimetype", "content.xml"), "application/vnd.oasis.opendocument.text"),
        ("你好, tea".encode(), "text/plain"),
        (zipped("[Content_Types].xml", "word/vbaProject.bin"), ""),
        (zipped(*(f"{n}.txt" for n in range(1001))), ""),
        (b"PK\x03\x04 broken", ""),
        (b"<!DOCTYPE html><p>", ""),
        (b" \n<svg onload=x>", ""),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", ""),
        (b"MZ\x90\x00\x03", ""),
        (b"", ""),
        (b"a\x00b", ""),
    ],
)
def test_a_file_is_what_is_in_it(content, found):
    assert media.type_of(content) == found


@pytest.mark.parametrize(
    ("name", "media_type", "kept"),
    [
        ("Plan.PDF", "application/pdf", "Plan.PDF"),
        ("setup.exe", "application/pdf", "setup.exe.pdf"),
        ("notes.md", "text/plain", "notes.md"),
        ("page.html", "text/plain", "page.html.txt"),
        ("../../etc/passwd\r\n", "text/plain", "_.._etc_passwd_.txt"),
        ("invoice\u202efdp.exe", "application/pdf", "invoice_fdp.exe.pdf"),
        ("\u200b\u2028a\u200f.pdf", "application/pdf", "_a_.pdf"),
        ("", "application/zip", "file.zip"),
    ],
)
def test_a_name_ends_as_its_type_does(name, media_type, kept):
    assert media.fitting_name(name, media_type) == kept
