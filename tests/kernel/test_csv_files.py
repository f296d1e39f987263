"""Reading CSV that people send: rows by line, what is broken named, nothing after it lost."""

import csv
import io
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import csv_files
from kernel.csv_files import LONGEST_LINE, Record, Records
from kernel.errors import Refused

KNOWN, NEEDED = ["member", "joined_at", "name"], ["member", "joined_at"]


def records(content: bytes, **where):
    return list(Records(io.BytesIO(content), **where))


def head(content: bytes):
    return csv_files.head(io.BytesIO(content), known=KNOWN, needed=NEEDED)


def refusal(content: bytes) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        head(content)
    assert refused.value.field == "file"
    return refused.value.code, str(refused.value)


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1),
            min_size=2,
        )
    )
)
def test_what_a_writer_writes_is_read_back(rows):
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    read = records(file.getvalue().encode())
    assert [record.cells for record in read] == [row for row in rows if any(cell.strip() for cell in row)]
    assert not any(record.problem for record in read)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_and_every_row_stands_on_a_line_of_its_own(content):
    lines = [record.line for record in records(content)]
    assert lines == sorted(set(lines))
    assert all(1 <= line <= content.count(b"\n") + 1 for line in lines)


@given(st.binary(max_size=300), st.integers(0, 20))
def test_reading_goes_on_where_it_stopped(content, after):
    stopped = Records(io.BytesIO(content))
    first = list(islice(stopped, after))
    rest = records(content, offset=stopped.offset, line=stopped.line)
    assert first + rest == records(content)


def test_lines_are_counted_as_an_editor_does():
    assert records(b'a,b\r\n"two\nlines",c\n\n  \nd,"say ""hi"""\n') == [
        Record(1, ["a", "b"]),
        Record(2, ["two\nlines", "c"]),
        Record(6, ["d", 'say "hi"']),
    ]


@pytest.mark.parametrize("broken", [b'"x,1', b'"x"y,1', b'x,"never closed'])
def test_a_broken_quotation_costs_its_own_line_only(broken):
    read = records(b"a,1\n" + broken + b"\nb,2\nc,3\n")
    assert [(record.line, record.problem) for record in read] == [(1, ""), (2, "broken"), (3, ""), (4, "")]
    assert read[3].cells == ["c", "3"]


def test_a_quotation_that_runs_on_for_long_was_not_meant():
    read = records(b'"open,1\n' + b"b,2\n" * 60_000)
    assert (read[0].problem, len(read), read[-1]) == ("broken", 60_001, Record(60_001, ["b", "2"]))


def test_a_quotation_mark_inside_a_cell_is_a_character():
    assert records(b'5" pipe,1\n6" pipe,2\n') == [Record(1, ['5" pipe', "1"]), Record(2, ['6" pipe', "2"])]


def test_rows_that_are_no_text_are_named_and_the_others_read():
    read = records("é,1\n".encode() + b"\xe9,2\n" + b"n\x00l,3\n" + b"o\rld,4\n" + b"e,5")
    assert [record.problem for record in read] == ["", "encoding", "nul", "line_end", ""]
    assert read[4].cells == ["e", "5"]


def test_an_endless_line_is_passed_over():
    read = records(b"a,1\n" + b"x" * (3 * LONGEST_LINE) + b"\nb,2\n")
    assert [(record.line, record.problem) for record in read] == [(1, ""), (2, "line_too_long"), (3, "")]


def test_a_header_is_found_behind_a_mark_and_in_any_case():
    found = head(b"\xef\xbb\xbf Member ,JOINED_AT,Shoe size\r\nu1,2026-01-01,43\r\n")
    assert found.labels == ["Member", "JOINED_AT", "Shoe size"]
    assert (found.offset, found.line) == (33, 2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        ("member,joined_at\nu1,2026-01-01\n".encode("utf-16"), "encoding"),
        ("member,joined_at\nu1,2026-01-01\n".encode("utf-16-le"), "encoding"),
        ("member,joined_at,name\nu1,2026-01-01,李雷\n".encode("gbk"), "encoding"),
        ("会员,member\nu1,2026-01-01\n".encode("gbk"), "encoding"),
        (b"PK\x03\x04" + b"\x14\x06" * 50, "spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "spreadsheet"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "binary"),
        (bytes(1000), "binary"),
        (b"u1,2026-01-01\n", "no_header"),
        (b"member,name\nu1,Ada\n", "missing_columns"),
        (b"member;joined_at\nu1;2026-01-01\n", "separator"),
        (b"member\tjoined_at\nu1\t2026-01-01\n", "separator"),
        (b"member,joined_at,name,Name\n", "doubled_columns"),
        (b"member,joined_at\ru1,2026-01-01\r", "line_end"),
        (b'"member,joined_at\nu1,2026-01-01\n', "missing_columns"),
    ],
)
def test_other_files_are_refused_with_the_reason(content, code):
    assert refusal(content)[0] == code


def test_the_refusal_says_what_to_do():
    assert refusal(b"member;joined_at\n")[1] == (
        "The columns of this file are parted by semicolons. Save it with commas between them."
    )
    assert refusal(b"member,name\n")[1] == "These columns are needed and not in the file: joined_at."
    assert "GBK" in refusal("member,joined_at,name\nu1,2026-01-01,李雷\n".encode("gbk"))[1]


def test_one_row_in_another_encoding_does_not_stop_the_file():
    assert head(b"member,joined_at\nu\xe9,2026-01-01\nu2,2026-01-01\n").labels == ["member", "joined_at"]
