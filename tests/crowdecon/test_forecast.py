"""The picture of what is to come: the line, the band that begins where it ends, and what was said half a year ago."""

from crowdecon import charts

MEASURE = {
    "so_far": [{"period": "2026-03-02", "value": 40}, {"period": "2026-03-09", "value": 42}],
    "weeks": [
        {"period": "2026-03-16", "low": 41, "median": 43, "high": 46, "as_is": None},
        {"period": "2026-03-23", "low": 40, "median": 44, "high": 49, "as_is": None},
    ],
    "back": {
        "weeks": [
            {"period": "2026-03-09", "low": 38, "median": 41, "high": 44, "happened": 42, "trend": 45},
        ],
    },
}


def test_the_band_begins_where_the_line_ends():
    picture = charts.picture("forecast", MEASURE)
    line, expected, band = picture.series
    assert line.values == [40, 42, None, None]
    assert expected.values == [None, 42, 43, 44]
    assert (band.mark, band.low, band.values) == ("band", [None, 42, 41, 40], [None, 42, 46, 49])
    assert picture.known
    assert len(picture.labels) == len(picture.names) == 4
    assert [row[1:] for row in picture.rows] == [
        ["–", "40", "44", "49"],
        ["–", "41", "43", "46"],
        ["42", "–", "–", "–"],
        ["40", "–", "–", "–"],
    ]


def test_what_is_expected_with_no_lever_moved_is_a_line_of_its_own():
    weeks = [row | {"as_is": row["median"] - 2} for row in MEASURE["weeks"]]
    picture = charts.picture("forecast", MEASURE | {"weeks": weeks})
    assert [line.mark for line in picture.series] == ["line", "line", "line", "band"]
    assert picture.series[2].values == [None, None, 41, 42]
    assert [row[-1] for row in picture.rows] == ["42", "41", "–", "–"]


def test_what_was_said_stands_beside_what_happened():
    picture = charts.picture("tried", MEASURE)
    assert [line.values for line in picture.series] == [[42], [41], [45], [44]]
    assert picture.series[-1].low == [38]
    assert [row[1:] for row in picture.rows] == [["42", "38", "41", "44", "45"]]
    assert not charts.picture("tried", MEASURE | {"back": None}).known


def test_amounts_are_written_in_their_currency():
    amounts = {
        "so_far": [{"period": "2026-03-02", "value": "1280.50"}],
        "weeks": [
            {"period": "2026-03-09", "low": "1200.00", "median": "1290.00", "high": "1400.00", "as_is": None}
        ],
        "back": None,
    }
    picture = charts.picture("forecast", amounts, currency="EUR")
    assert picture.series[0].values == [1280.5, None]
    assert picture.rows[1][1] == "€1,280.50"
