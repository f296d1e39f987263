"""Files in: sent here, imported by a worker, watched until they are in."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import imports as kinds
from kernel.api import newest
from kernel.api.fields import BinaryFile, Moment
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.parsers import FileParser
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from members.actors import Actor
from members.models import ImportRun
from members.selectors import imports as runs
from members.services import imports


class RowProblem(Shape):
    """Why a row was not taken, or a part of it."""

    line = serializers.IntegerField(help_text="Where the row begins in the file, from 1.")
    column = serializers.CharField(help_text="The column at fault; empty when it is the row as a whole.")
    code = serializers.CharField()
    reason = serializers.CharField(source="words")


class ImportShape(Shape):
    """A file that goes in: how far it is, and what became of its rows."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    filename = serializers.CharField()
    state = serializers.ChoiceField(choices=ImportRun.State.values)
    progress = serializers.FloatField(help_text="The share of the file that has been read, 0 to 1.")
    rows = serializers.IntegerField(help_text="Rows read until now: the sum of the next four.")
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()
    ignored = serializers.ListField(child=serializers.CharField(), help_text="Columns that were left out.")
    failure = serializers.SerializerMethodField(help_text="Why it was given up; empty when it was not.")
    report = serializers.SerializerMethodField(help_text="The first rejected rows, at most 100.")
    remarks = serializers.SerializerMethodField(
        help_text="What was left out of rows that were taken, such as a tier that is not here: the first 20."
    )
    created_at = Moment()
    finished_at = Moment(allow_null=True)

    def get_failure(self, run: ImportRun) -> str:
        return str(runs.failure(run))

    def get_report(self, run: ImportRun) -> RowProblem(many=True):  # type: ignore[valid-type]
        return RowProblem(runs.problems(run), many=True).data

    def get_remarks(self, run: ImportRun) -> RowProblem(many=True):  # type: ignore[valid-type]
        return RowProblem(runs.remarks(run), many=True).data


ImportPage = page_of(ImportShape, "ImportPage")


def _kinds() -> list[str]:
    return kinds.kinds.keys()


class NewImport(Body):
    """A file and what stands in it."""

    file = BinaryFile(
        max_length=1000,
        allow_empty_file=True,
        help_text="CSV in UTF-8, with a header; of Mailchimp a zip as well.",
    )
    keep_unknown = serializers.ChoiceField(
        required=False,
        choices=["true", "false"],
        help_text="Whether columns that are not known become custom fields.",
    )

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"kind": serializers.ChoiceField(choices=_kinds())}


class Imports(ApiView):
    tag = "imports"
    quota = "bulk"
    max_body = settings.IMPORT_UPLOAD_MAX_BYTES
    parser_classes = (FileParser,)

    @operation(
        "list_imports", "List imports", answers={200: ImportPage}, needs="imports.run", query=PageQuery
    )
    def get(self, request: Request) -> Response:
        """The community's imports, newest first."""
        page = newest.page(
            request,
            runs.of(community_id=request.community.id),  # type: ignore[attr-defined]
            at="created_at",
            tie="id",
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(ImportShape(page.rows, many=True).data))

    @operation(
        "import_file",
        "Import a file",
        answers={201: ImportShape},
        needs="imports.run",
        body=NewImport,
    )
    def post(self, request: Request) -> Response:
        """Send a file; a worker imports it. Rows that are in already stay as they are, so it may be sent again."""
        community = request.community  # type: ignore[attr-defined]
        given = self.read_body()
        run = imports.begin(
            community=community,
            kind=given["kind"],
            file=given["file"],
            filename=given["file"].name,
            at=now(),
            by=Actor.of_request(request),
            options={"keep_unknown": given.get("keep_unknown") == "true"},
        )
        place = reverse("api:import", kwargs={"community_slug": community.slug, "run_id": run.id})
        headers = {"Location": request.build_absolute_uri(place)}
        return Response(ImportShape(run).data, status=201, headers=headers)


class OneImport(ApiView):
    tag = "imports"
    places = {"run_id": "The import's id."}

    @operation("read_import", "Read an import", answers={200: ImportShape}, needs="imports.run")
    def get(self, request: Request, run_id: UUID) -> Response:
        """How far the import is and what became of its rows. Over when `state` is `done` or `failed`."""
        run = runs.one(community_id=request.community.id, run_id=run_id)  # type: ignore[attr-defined]
        if run is None:
            raise Http404
        return Response(ImportShape(run).data)
