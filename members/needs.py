"""What of this app's an operator is needed for."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel import needs, waiting, words
from kernel.clock import now
from kernel.needs import Need
from kernel.tenancy import TenantRequest
from members.models import ImportRun
from members.selectors import people

#: How long an import that left rows out is worth a word.
LATELY = timedelta(days=7)


def register() -> None:
    waiting.add("imports", _left_out, permission="imports.run")
    needs.add(_alone, permission="imports.run")
    needs.add(_rejected, permission="imports.run")


def _alone(request: TenantRequest) -> Iterator[Need]:
    """A community of nobody but its staff begins by bringing its members in."""
    if not people.is_anybody_else(request.community):
        yield Need(
            weight=100,
            words=_("Nobody is here yet. Bring your members in."),
            hint=_(
                "A file of who they are and when they joined is enough for the first figures; a file of what "
                "they did brings the rest to life. Or let people join at the community's own address."
            ),
            act=_("Import a file"),
            url=reverse("members:imports", args=[request.community.slug]),
            icon="upload",
        )


def _rejected(request: TenantRequest) -> Iterator[Need]:
    """The last import, when it is over and left rows out: they are not in the figures until they are mended."""
    if not waiting.many(request, "imports"):
        return
    run = _lately(request).first()
    if run is not None and run.rejected:
        yield Need(
            weight=40,
            words=ngettext(
                "%(n)s row of %(file)s was not taken.", "%(n)s rows of %(file)s were not taken.", run.rejected
            )
            % {"n": words.number(run.rejected), "file": run.filename},
            hint=_("The report says of each what was wrong. Mend them and send the same file once more."),
            act=_("Read the report"),
            url=reverse("members:import_run", args=[request.community.slug, run.pk]),
            icon="file",
        )


def _lately(request: TenantRequest) -> QuerySet[ImportRun]:
    return ImportRun.objects.of(request.community.id).filter(finished_at__gt=now() - LATELY)


def _left_out(request: TenantRequest) -> QuerySet[ImportRun]:
    """Imports whose rows wait to be mended: seldom there, so they are looked for with what waits elsewhere."""
    return _lately(request).filter(rejected__gt=0)
