from hypothesis import given
from hypothesis import strategies as st

from commerce.providers import creditor_reference

NAMES = st.text(min_size=1, max_size=60)
NOISE = st.text(alphabet="abc 0123456789.,:RF/-\n", max_size=30)


def test_a_reference_as_it_is_printed():
    assert creditor_reference.grouped(creditor_reference.of("inv-1")) == "RF15 CBHY YRSC RMV"
    # The example of the standard itself, whose check digits are for another length than ours.
    assert creditor_reference._check_digits("539007547034") == "18"


@given(
    name=NAMES,
    before=NOISE,
    after=NOISE,
    parted=st.lists(st.sampled_from(["", " ", "-", "\n", ". "]), min_size=15, max_size=15),
)
def test_it_is_found_however_it_was_written(name, before, after, parted):
    reference = creditor_reference.of(name)
    written = "".join(character + between for character, between in zip(reference, parted, strict=True))
    for text in (written, written.lower()):
        assert reference in creditor_reference.found_in(f"{before} {text} {after}")


@given(name=NAMES, place=st.integers(4, 14), other=st.sampled_from(creditor_reference.ALPHABET))
def test_one_wrong_character_is_never_taken(name, place, other):
    reference = creditor_reference.of(name)
    wrong = reference[:place] + other + reference[place + 1 :]
    assert creditor_reference.found_in(wrong) == ([reference] if wrong == reference else [])


@given(name=NAMES, place=st.integers(4, 13))
def test_two_characters_that_changed_places_are_never_taken(name, place):
    reference = creditor_reference.of(name)
    first, second = reference[place], reference[place + 1]
    wrong = reference[:place] + second + first + reference[place + 2 :]
    assert creditor_reference.found_in(wrong) == ([reference] if first == second else [])


def test_what_is_mistaken_for_another_is_read_as_meant_and_each_is_named_once():
    reference = next(found for number in range(99) if "S" in (found := creditor_reference.of(f"{number}")))
    other = creditor_reference.of("other")
    assert creditor_reference.found_in(f"{reference.replace('S', '5')}, {other} and {other}") == [
        reference,
        other,
    ]
