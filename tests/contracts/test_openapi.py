"""The description of the API is sound, complete, and true: schemathesis tries to prove it wrong.

It talks to a running server with a real key. `SCHEMATHESIS_EXAMPLES` makes a longer run.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.validation import validate_schema

from communities.models import Community
from kernel.api import docs
from kernel.api.views import ApiView
from members.services import memberships
from tests import api, make
from tests.contracts.addresses import views
from tests.sampled import sample, those

#: Refusals that need more than the description to foresee: what the community holds, tags, and cursors, which are
#: handed out by one list and fit no other.
CONFIG = """
[parameters]
"path.slug" = "{slug}"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "401", "403", "404", "409", "412", "422"]

[[operations]]
include-name-regex = "GET .*(v1/communities|circles|imports|[}}]/members|timeline|tiers|applications|people|audit|mail)/$"
checks.positive_data_acceptance.expected-statuses = ["2xx", "304", "400", "401", "403", "404"]

[[operations]]
include-name-regex = "GET .*(invitations|invitees|bulk|segments|fields|notes|circle-requests|join-questions)/$"
checks.positive_data_acceptance.expected-statuses = ["2xx", "304", "400", "401", "403", "404"]

[[operations]]
include-name-regex = "GET .*/(reports|appeals|measures|record)/$"
checks.positive_data_acceptance.expected-statuses = ["2xx", "304", "400", "401", "403", "404"]

[[operations]]
include-name-regex = "GET .*(conversations|messages|notices|message-reports|posts|comments|reactions)/$"
checks.positive_data_acceptance.expected-statuses = ["2xx", "304", "400", "401", "403", "404"]

[[operations]]
include-name-regex = "GET .*/(plans|coupons|subscriptions|invoices|credit-notes|payments|refunds|entries|trial-balance)/$"
checks.positive_data_acceptance.expected-statuses = ["2xx", "304", "400", "401", "403", "404"]

[[operations]]
include-name-regex = "GET .*/(gifts|orders|rewards|disputes|runs|differences)/$"
checks.positive_data_acceptance.expected-statuses = ["2xx", "304", "400", "401", "403", "404"]

[[operations]]
include-name-regex = "GET .*/(events|attendances|tickets|chapters|kinds|waiting|week-acts|experiments|introductions|spends)/$"
checks.positive_data_acceptance.expected-statuses = ["2xx", "304", "400", "401", "403", "404"]

[[operations]]
include-name-regex = "GET .*(search|reports|appeals|measures)/$"
checks.positive_data_acceptance.expected-statuses = ["2xx", "304", "400", "401", "403", "404"]
"""


def made():
    return spectacular_settings.DEFAULT_GENERATOR_CLASS().get_schema(request=None, public=True)


def test_it_is_openapi_3_1_and_made_without_a_warning():
    GENERATOR_STATS.reset()
    found = made()
    assert found["openapi"].startswith("3.1")
    validate_schema(found)
    assert not GENERATOR_STATS


def test_every_method_of_every_address_is_declared():
    undeclared = [
        f"{address} {method}"
        for address, view in views("api/v1/")
        if issubclass(getattr(view, "cls", object), ApiView)
        for method in view.cls.http_method_names
        if hasattr(view.cls, method) and method != "head"
        if not hasattr(getattr(view.cls, method), "operation")
    ]
    assert undeclared == []


def test_every_operation_is_told_in_words():
    untold = [
        f"{method} {path}"
        for path, methods in docs.description()["paths"].items()
        for method, one in methods.items()
        if not (one.get("summary") and one.get("description") and one["tags"] != [""])
        or any(not parameter.get("description") for parameter in one["parameters"])
    ]
    assert untold == []


def test_every_post_takes_an_idempotency_key_and_every_edit_a_precondition():
    lacking = [
        f"{method} {path}"
        for path, methods in docs.description()["paths"].items()
        for method, one in methods.items()
        if (wanted := {"post": "Idempotency-Key", "patch": "If-Match"}.get(method))
        and wanted not in [parameter["name"] for parameter in one["parameters"]]
    ]
    assert lacking == []


def test_it_is_served_in_english_whatever_is_asked_for(client, db):
    answer = client.get("/api/v1/schema/", headers={"Accept-Language": "zh-hans"})
    assert answer.status_code == 200
    assert answer.json()["paths"]["/api/v1/communities/"]["get"]["summary"] == "List communities"


@pytest.fixture
def community(transactional_db) -> Community:
    found = make.community("lantern")
    for n in range(3):
        member = make.member(found, name=f"Member {n}")
    memberships.update(membership=member, at=make.EARLY, by=make.SITE, tags=["a"], city="Ulm")
    return found


#: With the suite one by the book; then every operation by chance, and by the book one of each sort. Figures are alike: two
#: stand for all.
FIGURES = (
    "members|active_members|stickiness|power_curve|contribution|response_time|activation|growth_accounting"
    "|self_organisation|reproduction|ties|bridges|introductions"
)
FIGURES += "|cycle_time|generations|cascades|channels|growth_rate"
ALIKE = f"metrics/({FIGURES}|stage|score|at_risk|solved|health)/"
BY_CHANCE = ["--phases", "examples,fuzzing,stateful", "--max-examples", "1", "--exclude-path-regex", ALIKE]
ONE_BY_THE_BOOK = ["--phases", "coverage", "--include-operation-id", "read_member"]
BY_THE_BOOK = ["--phases", "coverage"]
for _name in ("read_retention", "import_file", "remove_member", "create_plan"):
    BY_THE_BOOK += ["--include-operation-id", _name]
EVERYTHING = ["--max-examples", os.environ.get("SCHEMATHESIS_EXAMPLES", "100")]


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "options",
    [EVERYTHING]
    if "SCHEMATHESIS_EXAMPLES" in os.environ
    else [ONE_BY_THE_BOOK, *sample([BY_CHANCE, BY_THE_BOOK], those())],
    ids=lambda options: options[1] + options[-1].partition("read")[1],
)
def test_schemathesis_finds_nothing_wrong(community, live_server, settings, tmp_path: Path, options):
    settings.API_RATE_LIMITS = {"default": None, "bulk": None, "anonymous": None}
    program = api.Program(community)
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG.format(slug=community.slug))
    tool = Path(sys.executable).parent / "schemathesis"
    done = subprocess.run(
        [tool, "--config-file", config, "run", f"{live_server.url}/api/v1/schema/"]
        + [
            "--header",
            f"Authorization: Bearer {program.key}",
            "--seed",
            "1",
            "--continue-on-failure",
            *options,
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
