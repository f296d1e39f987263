"""Fonts of the letters that a document has: from slices, in two weights, the same file for the same letters."""

import pytest
from fontTools.ttLib import TTFont

from kernel import letters


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.LETTERS_DIR = tmp_path / "letters"
    letters.are_drawn.cache_clear()
    letters._places.cache_clear()
    yield settings.LETTERS_DIR
    letters.are_drawn.cache_clear()
    letters._places.cache_clear()


def test_a_font_has_the_letters_and_its_weight(tmp_path):
    paths = {letters.REGULAR: tmp_path / "regular.ttf", letters.BOLD: tmp_path / "bold.ttf"}
    letters.make_fonts("Mei 诸葛 é龘", paths)
    regular, bold = (TTFont(path) for path in paths.values())
    assert sorted(map(chr, regular.getBestCmap())) == sorted("Mei诸葛 é龘")
    assert bold["hmtx"]["u00065"][0] > regular["hmtx"]["u00065"][0]
    assert (bold["OS/2"].usWeightClass, bold["hmtx"]["u08BF8"][0]) == (700, 1000)


def test_figures_are_of_one_width(tmp_path):
    letters.make_fonts("0123456789", {letters.REGULAR: tmp_path / "figures.ttf"})
    widths = TTFont(tmp_path / "figures.ttf")["hmtx"].metrics
    assert {width for name, (width, _) in widths.items() if name.startswith("u0003")} == {widths["u00030"][0]}


def test_the_same_letters_are_the_same_file_kept_or_not(tmp_path, kept):
    made = [tmp_path / name for name in ("fresh.ttf", "kept.ttf", "unkept.ttf")]
    letters.make_fonts("茶 tea", {letters.BOLD: made[0]})
    assert len(list(kept.iterdir())) == 2
    letters.make_fonts("茶 tea", {letters.BOLD: made[1]})
    for file in kept.iterdir():
        file.unlink()
    kept.rmdir()
    kept.write_text("a file stands where the folder should be")
    letters.make_fonts("茶 tea", {letters.BOLD: made[2]})
    assert len({file.read_bytes() for file in made}) == 1


def test_what_no_slice_has_is_a_box(tmp_path):
    letters.make_fonts("A\U0001f600\ue000ع", {letters.REGULAR: tmp_path / "box.ttf"})
    font = TTFont(tmp_path / "box.ttf")
    outlines = {code: font["glyf"][name] for code, name in font.getBestCmap().items()}
    assert outlines[0x1F600] == outlines[0xE000] == outlines[ord("ع")] != outlines[ord("A")]
    assert (letters.are_drawn("CN¥"), letters.are_drawn("₹")) == (True, False)


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("e\u0301", "é"),
        ("\u202eMei\u202c\u200f", "Mei"),
        ("a\x00b\r\nc\u2028d", "a b c d"),
        ("👩\u200d👩\ufe0f", "👩👩"),
        ("\ufeff\u200b", ""),
    ],
)
def test_only_what_is_drawn_is_left(written, drawn):
    assert letters.drawable(written) == drawn


def test_without_slices_it_says_so(settings, tmp_path):
    settings.FONTS_DIR = tmp_path
    assert not letters.installed()
    with pytest.raises(letters.NoLetters):
        letters.make_fonts("A", {letters.REGULAR: tmp_path / "none.ttf"})
