"""A POST that is sent again has its effect once."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from communities.models import KeptAnswer
from communities.services import kept_answers
from kernel.api.idempotency import Claim
from kernel.clock import now
from members.models import Membership
from tests import api, make
from tests.api import where

KEY = {"Idempotency-Key": "order-17"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> api.Program:
    return api.Program(make.community())


def test_the_same_request_gives_the_same_answer_and_one_effect(program):
    first = program.post("members/", {"name": "李雷"}, **KEY)
    again = program.post("members/", {"name": "李雷"}, **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.content, first["ETag"], first["Location"]) == (
        again.content,
        again["ETag"],
        again["Location"],
    )
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Membership.objects.filter(name="李雷").count() == 1


@pytest.mark.parametrize(
    ("path", "body"), [("members/", {"name": "other"}), ("members/?fields=name", {"name": "x"})]
)
def test_the_key_of_another_request_is_422(program, path, body):
    program.post("members/", {"name": "x"}, **KEY)
    answer = program.post(path, body, **KEY)
    assert (answer.status_code, where(answer)) == (422, [("Idempotency-Key", "key_reused")])
    assert Membership.objects.count() == 2


def test_a_refused_request_may_be_corrected(program):
    assert program.post("members/", {"name": 1}, **KEY).status_code == 400
    assert program.post("members/", {"name": "one"}, **KEY).status_code == 201


def test_keys_are_the_caller_s_own(program):
    program.post("members/", {"name": "x"}, **KEY)
    other = api.Program(make.community())
    assert other.post("members/", {"name": "y"}, **KEY).status_code == 201


def test_an_answer_is_kept_for_a_day(program):
    program.post("members/", {"name": "x"}, **KEY)
    KeptAnswer.objects.update(kept_at=now() - timedelta(hours=24, seconds=1))
    assert program.post("members/", {"name": "y"}, **KEY).status_code == 201
    assert KeptAnswer.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "é"])
def test_a_key_that_is_none_is_400(program, key):
    answer = program.post("members/", {"name": "x"}, **{"Idempotency-Key": key})
    assert (answer.status_code, where(answer)) == (400, [("Idempotency-Key", "invalid")])


def test_effect_and_record_appear_together(program, monkeypatch):
    def lost(*anything):
        raise RuntimeError

    monkeypatch.setattr(kept_answers.Table, "keep", lost)
    program.client.raise_request_exception = False
    assert program.post("members/", {"name": "x"}, **KEY).status_code == 500
    assert Membership.objects.filter(name="x").count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_request_beside_its_twin_is_409(program):
    community = Membership.objects.get().community
    taken, done = threading.Event(), threading.Event()
    claim = Claim(community.id, f"key:{_key_id()}", KEY["Idempotency-Key"], b"")

    def twin() -> None:
        try:
            with transaction.atomic():
                kept_answers.Table().find(claim)
                taken.set()
                done.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=twin)
    thread.start()
    taken.wait(30)
    answer = program.post("members/", {"name": "x"}, **KEY)
    done.set()
    thread.join()
    assert (answer.status_code, where(answer)) == (409, [("Idempotency-Key", "in_progress")])
    assert program.post("members/", {"name": "x"}, **KEY).status_code == 201


def _key_id() -> str:
    from communities.models import ApiKey

    return str(ApiKey.objects.get().pk)


def test_a_file_is_known_by_its_content(program):
    from django.core.files.uploadedfile import SimpleUploadedFile

    def send(content: bytes):
        file = SimpleUploadedFile("m.csv", content)
        body = {"kind": "members", "file": file}
        return program.client.post(program.root + "imports/", body, headers=KEY)

    first, again = send(b"member,joined_at\na,2026-01-01\n"), send(b"member,joined_at\na,2026-01-01\n")
    assert (first.status_code, json.loads(first.content)) == (201, json.loads(again.content))
    assert send(b"member,joined_at\nb,2026-01-01\n").status_code == 422
