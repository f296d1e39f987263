"""Little drawings of the server."""

import pytest

from crowdecon import faces


@pytest.mark.parametrize("values", [[], [1.0], [None, 1.0], [1.0, None, 2.0], [None, 3.0, None, 4.0]])
def test_no_line_is_drawn_through_single_values(values):
    assert faces.spark(values, "") == ""


def test_a_null_breaks_the_line_and_the_last_value_is_a_dot():
    drawn = faces.spark([1.0, 2.0, None, 4.0], "")
    assert 'class="spark-line" d="M0.0 22.5L40.0 16.0M120.0 3.0"' in drawn
    assert 'class="spark-end" d="M120.0 3.0h0"' in drawn
