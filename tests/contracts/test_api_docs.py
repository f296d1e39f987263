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


def test_the_page_speaks_the_reader_s_language(client):
    answer = client.get("/api/docs/", headers={"Accept-Language": "zh-hans"})
    assert 'lang="zh' in answer.content.decode()
