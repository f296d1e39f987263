"""What every figure on the shelf owes: all its words, sense on tiny communities, the same digits in any order."""

import json
from datetime import date
from random import Random

import numpy as np
import pytest
from django.utils import translation

import engagement.metrics  # noqa: F401  (fills the shelf)
from engagement.selectors.money import Books, code_of
from kernel.errors import Refused
from kernel.metrics import Metric, metrics
from kernel.permissions import permissions
from tests.engagement.metrics.records import Fact, Member, RowMoney, at, history, of_oracle
from tests.oracle import generate

AS_OF = date(2026, 3, 31)
WORDS = ("title", "question", "unit", "formula", "reads", "blind_spots")
KEYS = """members active_members stickiness power_curve contribution response_time activation retention
growth_accounting stage score network payer_cohorts revenue mrr dues events local
referral_k cycle_time generations cascades channels growth_rate what_if at_risk solved health
self_organisation reproduction ties bridges introductions""".split()

ANN = Member(1, at("2026-03-30T09:00"), "ann")
BOB = Member(2, at("2026-03-30T10:00"), "bob")
COMMUNITIES = {
    "empty": ([], []),
    "one member": ([ANN], []),
    "one member, one act": ([ANN], [Fact(1, "posted", at("2026-03-30T09:30"))]),
    "one day": (
        [ANN, BOB],
        [Fact(1, "posted", at("2026-03-30T11:00")), Fact(2, "commented", at("2026-03-30T12:00"), 1)],
    ),
}
every_figure = pytest.mark.parametrize("figure", list(metrics), ids=metrics.keys())


def choices(figure):
    """The defaults, and each other value of each choice."""
    defaults = figure.arguments({})
    yield defaults
    for parameter in figure.parameters:
        for value, _label in parameter.choices:
            yield defaults | {parameter.name: value}


def texts(figure, data):
    return [str(cell) for cell in figure.table(data).header], figure.finding(data)


def test_the_figures_of_the_shelf():
    assert set(KEYS) <= set(metrics.keys())
    # It reads what others have counted.
    assert metrics.keys()[-1] == "health"


@every_figure
def test_has_all_its_words(figure):
    assert metrics.get(figure.key) is figure
    with translation.override("en"):
        for word in WORDS:
            text = str(getattr(figure, word))
            assert text.strip() == text != ""
    versions = [revision.version for revision in figure.revisions]
    assert versions == list(range(1, len(versions) + 1))
    assert figure.version == versions[-1]
    assert all(isinstance(revision.day, date) and str(revision.words) for revision in figure.revisions)


@every_figure
def test_its_parameters_have_labels_and_defaults_that_parse(figure):
    names = [parameter.name for parameter in figure.parameters]
    assert len(set(names)) == len(names)
    assert "as_of" in names
    for parameter in figure.parameters:
        assert str(parameter.label)
        if parameter.default is not None:
            assert parameter.parse(str(parameter.default)) == parameter.default
        assert all(str(label) for _value, label in parameter.choices)
    assert set(figure.arguments({})) == set(names)
    assert figure.arguments({"as_of": "2026-03-02"})["as_of"] == date(2026, 3, 2)
    for given in ({"as_of": "yesterday"}, {"colour": "red"}):
        with pytest.raises(Refused) as refusal:
            figure.arguments(given)
        assert refusal.value.field == next(iter(given))


@pytest.mark.parametrize(
    ("key", "name", "expected"),
    [
        ("network", "window", "window: a whole number from 1 to 3660, or “all”, is expected"),
        ("score", "limit", "limit: a whole number from 1 to 100000 is expected"),
    ],
)
def test_a_refusal_names_all_that_is_taken(key, name, expected):
    with pytest.raises(Refused) as refusal:
        metrics.get(key).arguments({name: "many"})
    assert str(refusal.value) == expected


@every_figure
@pytest.mark.parametrize("community", COMMUNITIES)
@pytest.mark.parametrize("as_of", [AS_OF, date(2026, 3, 30), date(2026, 3, 29)])
def test_makes_sense_of_a_tiny_community(figure, community, as_of):
    for parameters in choices(figure):
        data = figure.compute(history(*COMMUNITIES[community], as_of), **parameters)
        assert json.loads(json.dumps(data, allow_nan=False)) == data
        header, finding = texts(figure, data)
        rows = [list(row) for row in figure.table(data).rows]
        assert all(len(row) == len(header) for row in rows)
        assert finding
        headline = figure.headline(data)
        if headline is not None:
            # A null comes with its reason, and only a null does.
            assert (headline.value is None) == bool(headline.reason)
            assert headline.kind in {"count", "share", "number"}
            assert len(headline.trend) <= 26
            assert not headline.trend or headline.trend[-1] == headline.value


@every_figure
def test_what_is_left_out_of_the_brief_is_not_missed(figure):
    for seed in range(12):
        past = of_oracle(generate.seeded(seed).community(), generate.seeded(seed).as_of)
        data = figure.compute(past)
        brief = figure.brief(data)
        if brief is not None:
            assert (figure.headline(brief), figure.finding(brief)) == (
                figure.headline(data),
                figure.finding(data),
            )


@every_figure
def test_the_order_of_arrival_does_not_show(figure):
    for seed in range(12):
        world = generate.seeded(seed)
        pasts = [of_oracle(world.community(), world.as_of, order=order) for order in (None, Random(seed))]
        for parameters in choices(figure):
            data, shuffled = (named(past, figure.compute(past, **parameters)) for past in pasts)
            assert shuffled == data


def named(past, data):
    """The data with external ids for members' numbers, which are given in the order of arrival."""
    name = dict(zip(past.number.tolist(), past.external_id, strict=True))
    if "bridges" in data:
        return data | {
            key: [row | {"number": name[row["number"]]} for row in data[key]]
            for key in ("members", "between")
        }
    if "pairs" in data:
        return data | {
            "pairs": [
                row | {key: [name[n] for n in row[key]] for key in ("members", "neighbours")}
                for row in data["pairs"]
            ]
        }
    if "members" in data and isinstance(data["members"], list):
        return data | {"members": [row | {"number": name[row["number"]]} for row in data["members"]]}
    if "communities" in data:
        return data | {
            "communities": [
                part | {"members": [name[n] for n in part["members"]]} for part in data["communities"]
            ]
        }
    if "largest" in data:
        return data | {"largest": [tree | {"root": name[tree["root"]]} for tree in data["largest"]]}
    return data


@every_figure
def test_a_cut_changes_no_number(figure):
    if "from" not in figure.arguments({}):
        pytest.skip("not a series")
    people = [Member(1, at("2025-11-20"), "a"), Member(2, at("2026-01-03"), "b")]
    facts = [Fact(1 + n % 2, "posted", at(f"2026-0{1 + n % 3}-{1 + n}")) for n in range(9, 28)]
    days = [date(2025, 12, 1 + n).toordinal() + 31 * (n % 4) for n in range(1, 20)]
    books = Books(*np.array([[day, code_of("EUR" if day % 2 else "CNY"), day % 11, day] for day in days]).T)
    past = history(people, facts, AS_OF, money=RowMoney(books=books))
    whole = figure.compute(past)
    cut = figure.compute(past, **{"from": date(2025, 12, 17), "to": date(2026, 2, 4)})
    assert 0 < len(cut) < len(whole)
    start = whole.index(cut[0])
    assert whole[start : start + len(cut)] == cut


@every_figure
def test_what_leaves_data_out_for_some_says_for_whom(figure):
    """What differs in a figure that is counted again is told to who may see all of it."""
    leaves_out = type(figure).readable is not Metric.readable
    assert leaves_out == bool(figure.withholds)
    assert not figure.withholds or figure.withholds in permissions
