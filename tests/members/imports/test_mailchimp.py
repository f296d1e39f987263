"""People as Mailchimp exports them: a zip of lists or one of its lists, in which nobody is lost and nobody written to
who does not want it."""

import csv
import io
import struct
import zipfile
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from kernel import zip_files
from kernel.errors import Refused
from members.imports_from import mailchimp
from members.imports_from.mailchimp import Mailchimp
from members.models import DeadAddress, ImportRun, Membership, OptOut
from members.selectors import imports as runs
from members.services import imports
from tests import api, make
from tests.members.imports.files import AT, begin, counts, problems, send

pytestmark = pytest.mark.django_db

PERSON = ["Email Address", "First Name", "Last Name", "Address", "Shoe size", "MEMBER_RATING"]
TIMES = ["OPTIN_TIME", "OPTIN_IP", "CONFIRM_TIME", "CONFIRM_IP", "LATITUDE", "LONGITUDE"]
PLACE = ["GMTOFF", "DSTOFF", "TIMEZONE", "CC", "REGION"]
IDS = ["LEID", "EUID", "NOTES", "TAGS"]
SUBSCRIBED = [*PERSON, *TIMES, *PLACE, "LAST_CHANGED", *IDS]
UNSUB = ["UNSUB_TIME", "UNSUB_CAMPAIGN_TITLE", "UNSUB_CAMPAIGN_ID", "UNSUB_REASON", "UNSUB_REASON_OTHER"]
UNSUBSCRIBED = [*PERSON, *TIMES, *PLACE, *UNSUB, *IDS]
CLEANED = [*PERSON, *TIMES, *PLACE, "CLEAN_TIME", "CLEAN_CAMPAIGN_TITLE", "CLEAN_CAMPAIGN_ID", *IDS]
NAME = "{}_email_audience_export_ef3462e259.csv"


@pytest.fixture
def community():
    return make.community("lantern", timezone="Asia/Shanghai")


def table(header: list[str], *rows: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows({"CONFIRM_TIME": "2024-03-01 23:30:00"} | row for row in rows)
    return out.getvalue()


def packed(files: dict[str, str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def audience(**lists: str) -> bytes:
    return packed({NAME.format(name): text for name, text in lists.items()})


def member(community, address: str) -> Membership:
    return Membership.objects.of(community.id).get(email=address)


def states(community) -> list[tuple]:
    fields = ("number", "external_id", "name", "email", "tags", "custom", "joined_at", "status", "latitude")
    return list(Membership.objects.of(community.id).order_by("number").values_list(*fields))


def wishes() -> tuple[list[str], list[str]]:
    """Who gets no letters, and which addresses are not written to."""
    out = OptOut.objects.filter(channel="mail", kind="").order_by("membership__email")
    dead = DeadAddress.objects.order_by("address")
    return list(out.values_list("membership__email", flat=True)), list(dead.values_list("address", flat=True))


def test_a_whole_row_is_kept(community):
    row = {
        "Email Address": "Mixed@Example.org",
        "First Name": "Grace",
        "Last Name": "Hopper",
        "Shoe size": "43",
        "OPTIN_TIME": "2024-03-01 23:20:00",
        "LATITUDE": "30.2500000",
        "LONGITUDE": "120.1700000",
        "CC": "CN",
        "EUID": "e1",
        "NOTES": "Met,\nonce",
        "TAGS": '"vip","tea; green","with, comma"',
    }
    run = send(community, table(SUBSCRIBED, row), kind="mailchimp")
    found = member(community, "mixed@example.org")
    assert (counts(run), problems(run)) == ((1, 0, 0, 0), [])
    assert (found.external_id, found.name, found.country) == ("e1", "Grace Hopper", "CN")
    assert found.tags == ["vip", "tea  green", "with, comma"]
    assert (found.latitude, found.longitude) == (30.25, 120.17)
    # In UTC, and not in the community's own zone.
    assert found.joined_at == datetime(2024, 3, 1, 23, 20, tzinfo=UTC)
    assert found.custom == {"note": "Met,\nonce"}
    assert "Shoe size" in run.ignored
    assert wishes() == ([], [])


def test_fields_of_the_audience_are_kept_when_asked(community):
    names = dict.fromkeys(SUBSCRIBED, "") | {"Email Address": "a@example.org", "CONFIRM_TIME": "2024-03-01"}
    out = io.StringIO()
    csv.writer(out).writerow([*names, "Tags", "Region", "Region"])
    csv.writer(out).writerow([*(names | {"TAGS": '"x"'}).values(), "yes", "North", "South"])
    run = send(community, out.getvalue(), kind="mailchimp", keep_unknown=True)
    found = member(community, "a@example.org")
    assert counts(run) == (1, 0, 0, 0)
    assert found.tags == ["x"]
    assert found.custom == {"Tags": "yes", "Region": "North", "Region (2)": "South"}


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [
        ("Grace", "Hopper", "Grace Hopper"),
        ("", "Hopper", "Hopper"),
        ("雷", "李", "李雷"),
        ("Lei", "李", "Lei 李"),
    ],
)
def test_names_are_joined(first, last, whole):
    assert mailchimp.full_name(first, last) == whole


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (NAME.format("subscribed"), "subscribed"),
        ("unsubscribed_members_export_a88ed6a6bf.csv", "unsubscribed"),
        (NAME.format("nonsubscribed"), "nonsubscribed"),
        (NAME.format("cleaned"), "cleaned"),
        ("cleanedup.csv", ""),
        ("members.csv", ""),
    ],
)
def test_the_list_is_known_by_its_file_s_name(name, found):
    assert mailchimp.list_of(name) == found


def test_a_zip_is_taken_as_it_comes(community):
    content = audience(
        unsubscribed="\ufeff"
        + table(
            UNSUBSCRIBED,
            {"Email Address": "u@example.org", "UNSUB_TIME": "2025-06-01 10:00:00", "UNSUB_REASON": "NORMAL"},
        ),
        cleaned=table(CLEANED, {"Email Address": "c@example.org", "CLEAN_TIME": "2025-05-15 09:00:00"}),
        subscribed=table(SUBSCRIBED, {"Email Address": "s@example.org"}, {"Email Address": "bad"}),
        nonsubscribed=table(SUBSCRIBED, {"Email Address": "n@example.org"}),
    )
    run = send(community, content, kind="mailchimp")
    assert (run.state, counts(run), run.rows) == ("done", (4, 0, 0, 1), 5)
    # Lists are read one after the other, the subscribed first, and lines counted through.
    assert problems(run) == [(3, "Email Address", "email")]
    assert [row[3] for row in states(community)[1:]] == [f"{name}@example.org" for name in "sncu"]
    assert {row[7] for row in states(community)} == {"active"}
    assert wishes() == (["n@example.org", "u@example.org"], ["c@example.org"])
    assert OptOut.objects.get(membership__email="u@example.org").at == datetime(2025, 6, 1, 10, tzinfo=UTC)
    assert member(community, "u@example.org").custom == {
        "mail_unsubscribed_at": "2025-06-01T10:00:00+00:00",
        "mail_unsubscribed_because": "NORMAL",
    }
    before = states(community)
    OptOut.objects.all().delete()
    again = send(community, content, kind="mailchimp")
    assert (counts(again), states(community)) == ((0, 0, 4, 1), before)
    # Whoever has switched letters on here in the meantime keeps them.
    assert wishes() == ([], ["c@example.org"])


def test_rejected_rows_of_a_zip_can_be_corrected_and_sent_back(community):
    content = audience(
        subscribed=table(SUBSCRIBED, {"Email Address": "s@example.org"}),
        nonsubscribed=table(SUBSCRIBED, {"Email Address": "n(at)example.org", "First Name": "Nia"}),
        unsubscribed=table(UNSUBSCRIBED, {"Email Address": "u(at)example.org", "UNSUB_TIME": "2025-06-01"}),
    )
    run = send(community, content, kind="mailchimp")
    header, rows = runs.report(run, rejected_only=True)
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    corrected = out.getvalue().replace("(at)", "@")
    assert counts(send(community, corrected, kind="mailchimp")) == (2, 0, 0, 0)
    assert wishes()[0] == ["n@example.org", "u@example.org"]
    assert member(community, "n@example.org").name == "Nia"


def test_a_zip_that_was_cut_off_goes_on_exactly_there(community, monkeypatch):
    monkeypatch.setattr(Mailchimp, "chunk", 2)
    people = [{"Email Address": f"p{n}@example.org", "NOTES": f"{n}\nlines"} for n in range(9)]
    content = audience(
        subscribed=table(SUBSCRIBED, *people[:3]),
        nonsubscribed=table(SUBSCRIBED),
        cleaned=table(CLEANED, *people[3:4]) + "broken,row\n",
        unsubscribed=table(UNSUBSCRIBED, *people[4:]),
    )

    class Cut(Exception):
        pass

    def cut(run):
        raise Cut

    whole = send(make.community(), content, kind="mailchimp")
    run = begin(community, content, kind="mailchimp")
    for done in (2, 4, 6, 8, 10):
        with pytest.raises(Cut):
            imports.carry_out(run_id=run.id, now=lambda: AT, watch=cut)
        run.refresh_from_db()
        assert run.rows == done
    run = imports.carry_out(run_id=run.id, now=lambda: AT)
    assert (run.state, counts(run)) == ("done", (9, 0, 0, 1))
    assert problems(run) == problems(whole) == [(12, "", "cells")]
    lines = [[row[0] for row in runs.report(one, rejected_only=False)[1]] for one in (run, whole)]
    assert lines[0] == lines[1] == [2, 4, 6, 10, 12, 14, 16, 18, 20, 22]


def test_who_stands_in_two_lists_is_one_and_wants_no_letters(community):
    content = audience(
        unsubscribed=table(UNSUBSCRIBED, {"Email Address": "A@example.org", "UNSUB_TIME": "2025-06-01"}),
        subscribed=table(SUBSCRIBED, {"Email Address": "a@example.org", "EUID": "e1", "First Name": "Ada"}),
    )
    assert counts(send(community, content, kind="mailchimp")) == (1, 1, 0, 0)
    assert (member(community, "a@example.org").name, wishes()[0]) == ("Ada", ["a@example.org"])
    assert counts(send(community, content, kind="mailchimp")) == (0, 0, 2, 0)


def test_somebody_from_ghost_is_the_same_by_address(community):
    send(community, "id,email,created_at,labels\ng1,a@example.org,2020-01-01,ghost\n", kind="ghost")
    row = {"Email Address": "A@example.org", "EUID": "e1", "TAGS": '"chimp"'}
    assert counts(send(community, table(SUBSCRIBED, row), kind="mailchimp")) == (0, 1, 0, 0)
    found = member(community, "a@example.org")
    assert (found.external_id, found.tags, found.joined_at.year) == ("g1", ["ghost", "chimp"], 2019)


def test_bad_rows_say_where_and_stop_nobody(community):
    text = table(
        SUBSCRIBED,
        {"Email Address": ""},
        {"Email Address": "a@example.org", "OPTIN_TIME": "1/2/2024 10:00"},
        {"Email Address": "b@example.org", "CONFIRM_TIME": ""},
        {"Email Address": "c@example.org", "First Name": "x" * 121},
        {"Email Address": "d@example.org", "LATITUDE": "0.0000000", "LONGITUDE": "0"},
        {"Email Address": "e@example.org", "LATITUDE": "91", "LONGITUDE": "1"},
    )
    run = send(community, text, kind="mailchimp")
    assert problems(run) == [
        (2, "Email Address", "needed"),
        (3, "OPTIN_TIME", "time"),
        (4, "OPTIN_TIME", "needed"),
        (5, "First Name", "too_long"),
        (7, "LATITUDE", "range"),
    ]
    assert counts(run) == (1, 0, 0, 5)


# --- zips that are not to be trusted ----------------------------------------------------------------


def refusal(community, content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        begin(community, content, kind="mailchimp")
    assert not ImportRun.objects.exists()
    return refused.value.code


def test_a_zip_that_says_it_is_too_large_is_refused(community, settings):
    settings.IMPORT_UPLOAD_MAX_BYTES = 1 << 20
    content = audience(subscribed=table(SUBSCRIBED) + "0" * (2 << 20))
    assert len(content) < 10_000
    assert refusal(community, content) == "zip_too_large"
    halves = {NAME.format(name): table(SUBSCRIBED) + "0" * (600 << 10) for name in ("subscribed", "cleaned")}
    assert refusal(community, packed(halves)) == "zip_too_large"


def test_a_zip_that_lies_about_its_size_is_refused(community, settings):
    """It says a few bytes and holds many: no more is read than it says, and that does not add up."""
    settings.IMPORT_UPLOAD_MAX_BYTES = 1 << 20
    content = bytearray(audience(subscribed=table(SUBSCRIBED) + "0" * (50 << 20)))
    directory = content.rfind(b"PK\x01\x02")
    struct.pack_into("<I", content, directory + 24, 500)
    struct.pack_into("<I", content, 22, 500)
    assert refusal(community, bytes(content)) == "zip_damaged"


def test_a_zip_with_a_huge_directory_is_refused_before_it_is_read(community, monkeypatch):
    content = packed({f"{n}.csv": "" for n in range(zip_files.MOST_ENTRIES + 1)})
    monkeypatch.setattr(zipfile, "ZipFile", lambda *args: pytest.fail("somebody reads it"))
    assert refusal(community, content) == "zip_too_many"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04" + bytes(100), "zip_damaged"),
        (audience(subscribed=table(SUBSCRIBED))[:-30], "zip_damaged"),
        (packed({}), "zip_without_tables"),
        (packed({"readme.txt": "x", "__MACOSX/._a.csv": "x"}), "zip_without_tables"),
        (packed({f"{n}.csv": table(SUBSCRIBED) for n in range(51)}), "zip_too_many"),
        (packed({"a.csv": table(SUBSCRIBED)}, zipfile.ZIP_LZMA), "zip_packed"),
        (packed({"a.csv": table(SUBSCRIBED), "campaigns.csv": "Title,Opens\nx,1\n"}), "no_header"),
    ],
)
def test_what_is_no_audience_is_refused(community, content, code):
    assert refusal(community, content) == code


def test_a_damaged_list_is_refused_before_anybody_is_taken(community):
    content = bytearray(packed({"a.csv": table(SUBSCRIBED)}, zipfile.ZIP_STORED))
    content[content.index(b"CONFIRM_TIME")] ^= 1
    assert refusal(community, bytes(content)) == "zip_damaged"


def test_a_zip_of_another_kind_is_refused_as_before(community):
    with pytest.raises(Refused) as refused:
        begin(community, audience(subscribed=table(SUBSCRIBED)), kind="members")
    assert refused.value.code == "spreadsheet"


def test_the_desk_and_the_api_take_a_zip(community, client, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    client.force_login(Membership.objects.get(community=community, role="owner").user)
    content = audience(subscribed=table(SUBSCRIBED, {"Email Address": "s@example.org"}))
    sent = {"kind": "mailchimp", "file": SimpleUploadedFile("audience_export.zip", content)}
    answer = client.post(reverse("members:imports", args=["lantern"]), sent)
    run = ImportRun.objects.get()
    assert answer.headers["Location"] == reverse("members:import_run", args=["lantern", run.id])
    assert counts(imports.carry_out(run_id=run.id, now=lambda: AT)) == (1, 0, 0, 0)
    key = {"Authorization": f"Bearer {api.secret(community)}"}
    sent = {"kind": "mailchimp", "file": SimpleUploadedFile("audience_export.zip", content)}
    told = client.post("/api/v1/communities/lantern/imports/", sent, headers=key)
    assert (told.status_code, told.json()["kind"], told.json()["remarks"]) == (201, "mailchimp", [])


# --- large files ------------------------------------------------------------------------------------


def large(rows: int) -> tuple[bytes, tuple[int, int, int, int]]:
    """An audience of so many rows: half subscribed; every 50th stands there twice, the second time with another name;
    every 100th is no address; cells begin with `=` and hold line ends."""
    lists: dict[str, list[dict[str, str]]] = {"subscribed": [], "unsubscribed": [], "cleaned": []}
    doubles = bad = 0
    for n in range(rows):
        row = {"Email Address": f"p{n}@example.org", "EUID": f"{n:010x}", "First Name": f"=P{n}"}
        row |= {"NOTES": f'first\n=second, "{n}"' if n % 3 == 0 else "", "TAGS": '"a","b, c"'}
        if n % 50 == 48:
            row |= {"Email Address": f"P{n - 2}@Example.org", "EUID": f"x{n}", "First Name": "Changed"}
            doubles += 1
        if n % 100 == 99:
            row["Email Address"] = "nobody"
            bad += 1
        name = ("subscribed", "unsubscribed", "subscribed", "cleaned")[n % 4]
        times = {"unsubscribed": "UNSUB_TIME", "cleaned": "CLEAN_TIME", "subscribed": "LAST_CHANGED"}
        lists[name].append(row | {times[name]: "2025-06-01 10:00:00"})
    headers = {"subscribed": SUBSCRIBED, "unsubscribed": UNSUBSCRIBED, "cleaned": CLEANED}
    content = audience(**{name: "\ufeff" + table(headers[name], *lists[name]) for name in lists})
    return content, (rows - doubles - bad, doubles, 0, bad)


def reconciled(community, rows: int) -> None:
    content, expected = large(rows)
    run = send(community, content, kind="mailchimp")
    assert (run.state, counts(run), sum(counts(run))) == ("done", expected, rows)
    stopped, dead = wishes()
    assert len(stopped) == rows // 4
    assert len(dead) == rows // 4 - expected[3]
    before = states(community)
    again = send(community, content, kind="mailchimp")
    assert counts(again) == (0, 0, rows - expected[3], expected[3])
    assert (states(community), wishes()) == (before, (stopped, dead))


def test_a_large_zip_reconciles_and_twice_is_once(community, monkeypatch):
    monkeypatch.setattr(Mailchimp, "chunk", 150)
    reconciled(community, 1000)


@pytest.mark.long
def test_twenty_thousand_rows_reconcile_and_twice_is_once(community):
    reconciled(community, 20_000)
