"""The human pages of the API."""

import re

import pytest

from kernel.api import docs

pytestmark = pytest.mark.django_db


def pages(client, **headers):
    """The first page, and one for each heading."""
    keys = {one["tags"][0] for methods in docs.description()["paths"].values() for one in methods.values()}
    found = [client.get(f"/api/docs/{end}", headers=headers) for end in ["", *(f"{key}/" for key in keys)]]
    assert {answer.status_code for answer in found} == {200}
    return [answer.content.decode() for answer in found]


def test_every_operation_and_every_problem_stands_on_the_pages(client):
    first, *others = pages(client)
    whole = docs.description()["paths"]
    told = {one["operationId"] for methods in whole.values() for one in methods.values()}
    assert told - set(re.findall(r'id="([a-z0-9_-]+)"', "".join(others))) == set()
    assert told - set(re.findall(r'href="/api/docs/[a-z-]+/#([a-z0-9_-]+)"', first)) == set()
    assert {f'id="problem-{code}"' in first for _status, code, _words in docs.problem_rows()} == {True}


def test_a_heading_that_is_not_there_is_not_found(client):
    assert client.get("/api/docs/nothing/").status_code == 404


def test_the_pages_run_nothing_of_their_own(client):
    for page in pages(client):
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", page)


def test_the_description_is_asked_for_again_only_when_it_has_changed(client):
    first = client.get("/api/v1/schema/")
    assert client.get("/api/v1/schema/", headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_headings_titles_and_how_to_begin_are_in_the_reader_s_language(client):
    first, *others = pages(client, **{"Accept-Language": "zh-hans"})
    assert 'lang="zh' in first
    headings = re.findall(r"<h[123][^>]*>(?:<a [^>]*>)?([^<]+)", "".join([first, *others]))
    begun = first[first.index('id="begin"') : first.index("</section>", first.index('id="begin"'))]
    told = re.findall(r">([^<]+)<", re.sub(r"(?s)<(pre|code)\b.*?</\1>", "", begun))
    assert len(headings) > 100 and len(told) > 10
    chinese = re.compile(r"[\u4e00-\u9fff]")
    left = [text for text in [*headings, *told] if text.strip() and not chinese.search(text)]
    assert left == ["API"]
