"""Pictures and files by the API: sent by people, named when a post or comment is written, read by whoever reads that."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api import circles
from communities.api.file_shapes import FileShape
from communities.models import Attachment
from communities.services import attachments
from communities.views.writing import sent
from kernel import access
from kernel.api import etags
from kernel.api.fields import BinaryFile, Flag, Text
from kernel.api.operations import operation
from kernel.api.parsers import FileParser
from kernel.api.serializers import Body
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from kernel.uploads import AROUND

FILE = {"file_key": "The file's id."}


class NewFile(Body):
    """A picture or file to go with what one writes."""

    file = BinaryFile(
        max_length=1000,
        allow_empty_file=True,
        help_text="A picture (JPEG, PNG, WebP, GIF), PDF, office document, zip or text, of 20 MB at the most.",
    )
    alt = Text(required=False, max_length=300, allow_blank=True, help_text="What is on a picture.")
    decorative = serializers.ChoiceField(
        required=False,
        choices=["true", "false"],
        help_text="Whether a picture is decoration and needs no words.",
    )


class Description(Body):
    """What is on a picture; what is left out stays."""

    alt = Text(required=False, max_length=300, allow_blank=True)
    decorative = Flag(required=False, help_text="Whether it is decoration and needs no words.")


class Files(ApiView):
    tag = "posts"
    max_body = attachments.LARGEST + AROUND
    parser_classes = (FileParser,)

    @operation("send_file", "Send a picture or file", answers={201: FileShape}, body=NewFile, refuses=(422,))
    def post(self, request: Request) -> Response:
        """Send a picture or file as the person who asks in the browser; its id is named in `files` when a post or comment
        is written. One that is not used within a day is gone. Pictures are made anew, without what a camera tells."""
        author, given = circles.person(request), self.read_body()
        made = attachments.keep(sent=given["file"], author=author, at=now())
        said = {made.key: (given.get("alt", ""), given.get("decorative") == "true")}
        attachments.describe(rows=[made], said=said)
        community = request.community  # type: ignore[attr-defined]
        place = reverse("api:file", kwargs={"community_slug": community.slug, "file_key": made.key})
        headers = {"Location": request.build_absolute_uri(place)}
        return Response(FileShape(made).data, status=201, headers=headers)


class OneFile(ApiView):
    tag = "posts"
    places = FILE

    @operation("read_file", "Read what a file is", answers={200: FileShape}, tagged=True)
    def get(self, request: Request, file_key: UUID) -> Response:
        """What a picture or file is; 404 where one may not read what it belongs to."""
        return self.one(FileShape(_file(request, file_key)))

    @operation(
        "describe_file",
        "Say what is on a picture",
        answers={200: FileShape},
        body=Description,
        tagged=True,
        refuses=(422,),
        example={"alt": "Three owls on a branch"},
    )
    def patch(self, request: Request, file_key: UUID) -> Response:
        """Say what is on a picture of one's own, as the person who asks in the browser."""
        row, author, given = _file(request, file_key), circles.person(request), self.read_body()
        if row.author_id != author.pk:
            raise Refused(_("Somebody else has sent this."), code="not_yours")
        etags.require(request, etags.of(FileShape(row).data))
        alt, decorative = given.get("alt", row.alt), given.get("decorative", row.is_decorative)
        attachments.describe(rows=[row], said={row.key: (alt, decorative)})
        return self.one(FileShape(row))


class FileContent(ApiView):
    tag = "posts"
    places = FILE

    @operation("download_file", "Download a file", answers={200: None})
    def get(self, request: Request, file_key: UUID) -> HttpResponseBase:
        """Its bytes, of the media type that `read_file` says."""
        return sent(request._request, _file(request, file_key))


def _file(request: Request, key: UUID) -> Attachment:
    rows: Any = Attachment.objects.of(request.community.id).select_related("post", "comment")  # type: ignore[attr-defined]
    return access.find(rows, request, key=key)
