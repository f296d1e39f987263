from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from engagement.models import Figure
from tests import make
from tests.engagement import stream
from tests.engagement.stream import row

pytestmark = pytest.mark.django_db


def run(*given):
    out = StringIO()
    call_command("refresh_metrics", *given, stdout=out)
    return out.getvalue()


def test_figures_are_brought_up_to_a_day():
    community = make.community("lantern")
    stream.load(community, row(1, "posted", "03-02 10:00"))
    words = run("--community", "lantern", "--as-of", "2026-03-05")
    assert words.startswith("lantern: ") and words.endswith("figures computed for 2026-03-05.\n")
    curve = Figure.objects.get(key="power_curve", as_of="2026-03-05", community_id=community.pk).data
    assert curve == [1] + [0] * 27


def test_full_counts_every_day_again():
    community = make.community("lantern")
    stream.load(community, row(1, "posted", "03-02 10:00"))
    run("--community", "lantern")
    assert "lantern: 0 days" in run("--community", "lantern")
    assert "lantern: 0 days" not in run("--community", "lantern", "--full")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--community", "nowhere"], "no community with the address 'nowhere'"),
        (["--community", "lantern", "--as-of", "2999-01-01"], "has not come yet"),
        (["--community", "lantern", "--as-of", "soon"], "invalid fromisoformat value"),
    ],
)
def test_what_cannot_be_is_said(given, words):
    make.community("lantern")
    with pytest.raises(CommandError, match=words):
        run(*given)
    assert not Figure.objects.exists()
