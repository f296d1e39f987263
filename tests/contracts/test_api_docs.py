"""The human pages of the API."""

import re

import pytest

from kernel.api import docs

pytestmark = pytest.mark.django_db


def test_every_operation_and_every_problem_stands_on_the_page(client):
    answer = client.get("/api/docs/")
    assert answer.status_code == 200
    ids = set(re.findall(r'id="([a-z0-9_-]+)"', answer.content.decode()))
    told = {
        one["operationId"] for methods in docs.description()["paths"].values() for one in methods.values()
    }
    assert told - ids == set()
    assert {f"problem-{code}" for _status, code, _words in docs.problem_rows()} - ids == set()


def test_the_page_runs_nothing_of_its_own(client):
    page = client.get("/api/docs/").content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", page)


def test_headings_titles_and_how_to_begin_are_in_the_reader_s_language(client):
    page = client.get("/api/docs/", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert 'lang="zh' in page
    headings = re.findall(r"<h[123][^>]*>(?:<a [^>]*>)?([^<]+)", page)
    begun = page[page.index('id="begin"') : page.index("</section>", page.index('id="begin"'))]
    told = re.findall(r">([^<]+)<", re.sub(r"(?s)<(pre|code)\b.*?</\1>", "", begun))
    assert len(headings) > 100 and len(told) > 10
    chinese = re.compile(r"[\u4e00-\u9fff]")
    left = [text for text in [*headings, *told] if text.strip() and not chinese.search(text)]
    assert left == ["API"]
