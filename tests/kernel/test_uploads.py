from types import SimpleNamespace

import pytest
from django.http import HttpResponse

from crowdecon import serving
from kernel.uploads import READ_OUT, ReadOut


@pytest.mark.parametrize(("size", "left"), [(10, 0), (3_000_000, 0), (READ_OUT + 1, READ_OUT + 1)])
def test_what_a_refusal_left_of_a_body_is_read_before_the_answer_goes(rf, size, left):
    request = rf.post("/", b"x" * size, content_type="text/plain")
    assert ReadOut(lambda _request: HttpResponse(status=401))(request).status_code == 401
    assert len(request.read()) == left


@pytest.mark.parametrize(
    ("headers", "closes"),
    [
        ([], False),
        ([("CONTENT-LENGTH", str(READ_OUT))], False),
        ([("CONTENT-LENGTH", str(READ_OUT + 1))], True),
        ([("TRANSFER-ENCODING", "chunked")], True),
    ],
)
def test_after_a_body_that_is_not_read_to_its_end_the_answer_says_that_the_connection_closes(headers, closes):
    closed = []
    serving.pre_request(None, SimpleNamespace(headers=headers, force_close=lambda: closed.append(True)))
    assert bool(closed) is closes
