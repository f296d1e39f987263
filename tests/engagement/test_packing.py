import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from engagement import packing

WIDTHS = [0, 1, 2**8 - 1, 2**8, 2**16 - 1, 2**16, 2**32 - 1, 2**32, 2**40 - 1, 2**40, 2**62]


@given(st.lists(st.lists(st.integers(-(2**61), 2**61)), min_size=1, max_size=4))
def test_what_is_packed_comes_back(columns):
    packed = packing.pack(*(np.array(column, np.int64) for column in columns))
    assert [column.tolist() for column in packing.unpack(packed)] == columns


@pytest.mark.parametrize("span", WIDTHS)
def test_every_width_holds_its_largest_difference(span):
    column = np.array([-5, span - 5], np.int64)
    assert packing.unpack(packing.pack(column))[0].tolist() == [-5, span - 5]


def test_a_column_takes_as_many_bytes_as_its_span_needs():
    instants = 1_767_225_600_000_000 + np.arange(1000) * 86_000_000
    assert len(packing.pack(instants)) == 13 + 5 * 1000
    assert len(packing.pack(np.arange(200))) == 13 + 200


def test_members_are_a_roaring_bitmap():
    assert BitMap.deserialize(packing.pack_members([5, 1, 5, 70_000])) == BitMap([1, 5, 70_000])
