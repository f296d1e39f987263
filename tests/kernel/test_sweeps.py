"""Sweeps: what fails is told in the log and keeps nothing else waiting."""

import logging

from kernel import sweeps


def odd(one: int) -> int:
    if one == 2:
        raise ZeroDivisionError
    return one


def test_one_that_fails_keeps_no_other_waiting(caplog):
    assert sweeps.each("Number", [1, 2, 3], odd) == 4
    (told,) = caplog.records
    assert (told.levelno, told.getMessage()) == (logging.ERROR, "Number 2 could not be gone on with.")
    assert told.exc_info is not None


class Person:
    pk = 7

    def __str__(self):
        return "Ada Lovelace"


def test_the_log_names_a_row_by_its_key(caplog):
    assert sweeps.alone("Member", Person(), lambda one: 1 // 0) == 0
    assert "Member 7 could not" in caplog.text and "Ada" not in caplog.text
