"""Words and links that are looked for: found in any dress, and ordinary words not by accident."""

import pytest

from communities import phrases


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Free MONEY here", "free money"),
        ("free\n  money!", "Free money"),
        ("ｆｒｅｅ ｍｏｎｅｙ", "free money"),  # full width
        ("f\u200bree mo\u200dney", "free money"),  # marks that nobody sees
        ("fr\u00adee money", "free money"),
        ("**fr**ee money", "free money"),
        ("f\u0301ree money", "free money"),
        ("大家加微信聊", "加微信"),
        ("加\u200b微信", "加微信"),
        ("加ＶＸ聊", "vx"),
        ("看（free money）", "free money"),
        ("«cash»", "cash"),
        ("c.a.s.h now", "c.a.s.h"),
        ("STRASSE", "straße"),
    ],
)
def test_a_phrase_is_found_in_any_dress(text, phrase):
    assert phrases.found(text, ["never", phrase]) == phrase


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("We met in Scunthorpe", "cunt"),
        ("A class on assets, passed", "ass"),
        ("Cashmere and cashew", "cash"),
        ("Dickens wrote it", "dick"),
        ("The therapist", "rapist"),
        ("a carefree moneyless year", "free money"),
        ("сashбox", "cash"),
        ("overflow", "flow"),
        ("微信支付", "加微信"),
        ("anything", ""),
        ("anything", " \u200b "),
    ],
)
def test_ordinary_words_do_not_match_by_accident(text, phrase):
    assert phrases.found(text, [phrase]) == ""


def test_links_are_found_dressed_and_bare():
    body = "See [here](https://A.example/x), https://b.example/y. and www.c.example，or [in](/c/x/)"
    assert phrases.addresses(body) == {
        "https://a.example/x",
        "https://b.example/y",
        "www.c.example",
        "/c/x/",
    }


@pytest.mark.parametrize(
    ("address", "elsewhere"),
    [
        ("https://example.org/a", False),
        ("https://www.example.org", False),
        ("https://shop.example.org/", False),
        ("https://example.org.evil.example/", True),
        ("https://notexample.org", True),
        ("https://example.org@evil.example/", True),
        ("www.evil.example", True),
        ("//evil.example", True),
        ("https://[", True),
        ("/c/lantern/", False),
        ("#answer", False),
        ("mailto:a@example.net", False),
    ],
)
def test_where_a_link_leads(address, elsewhere):
    assert phrases.leads_elsewhere(address, ["example.org"]) == elsewhere
