"""Notes on a member, by staff for staff."""

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.api import etags, pages
from kernel.api.fields import Moment, Text
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from kernel.locks import locked
from kernel.tenancy import Community
from members.actors import Actor
from members.api.members import NUMBER, find
from members.models import Note
from members.services import notes


class NoteShape(Shape):
    """What staff wrote down about a member."""

    id = serializers.IntegerField()
    text = serializers.CharField(help_text="Markdown.")
    by = serializers.CharField(source="by_words")
    at = Moment()
    changed_at = Moment(allow_null=True)


NotePage = page_of(NoteShape, "NotePage")


class NoteBody(Body):
    """What the note says."""

    text = Text(max_length=notes.LONGEST, help_text="Markdown.")


class Notes(ApiView):
    tag = "notes"
    places = NUMBER

    @operation(
        "list_notes", "List notes on a member", answers={200: NotePage}, needs="members.view", query=PageQuery
    )
    def get(self, request: Request, number: int) -> Response:
        """The notes on the member, newest first. The member never sees them."""
        member = find(request.community, number)  # type: ignore[attr-defined]
        page = pages.page(
            request,
            Note.objects.filter(membership=member),
            order=Order("at", tie="id", descending=True),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(NoteShape(page.rows, many=True).data))

    @operation(
        "write_note",
        "Write a note on a member",
        answers={201: NoteShape},
        needs="members.note",
        body=NoteBody,
        refuses=(422,),
    )
    def post(self, request: Request, number: int) -> Response:
        """Write a note down."""
        community = request.community  # type: ignore[attr-defined]
        member = find(community, number)
        note = notes.write(membership=member, at=now(), by=Actor.of_request(request), **self.read_body())
        place = reverse("api:note", args=[community.slug, number, note.pk])
        headers = {"Location": request.build_absolute_uri(place)}
        return Response(NoteShape(note).data, status=201, headers=headers)


class OneNote(ApiView):
    tag = "notes"
    places = NUMBER | {"note_id": "The note's id."}

    @operation("read_note", "Read a note", answers={200: NoteShape}, needs="members.view", tagged=True)
    def get(self, request: Request, number: int, note_id: int) -> Response:
        """One note, by id."""
        return self.one(NoteShape(_find(request.community, number, note_id)))  # type: ignore[attr-defined]

    @operation(
        "change_note",
        "Change a note",
        answers={200: NoteShape},
        needs="members.note",
        body=NoteBody,
        tagged=True,
        refuses=(422,),
    )
    def patch(self, request: Request, number: int, note_id: int) -> Response:
        """What it said before is kept with it."""
        with transaction.atomic():
            note = _find(request.community, number, note_id, lock=True)  # type: ignore[attr-defined]
            etags.require(request, etags.of(NoteShape(note).data))
            changed = notes.change(note=note, at=now(), by=Actor.of_request(request), **self.read_body())
        return self.one(NoteShape(changed))

    @operation("delete_note", "Delete a note", answers={204: None}, needs="members.note", refuses=(422,))
    def delete(self, request: Request, number: int, note_id: int) -> Response:
        """The note goes with all that it ever said."""
        note = _find(request.community, number, note_id)  # type: ignore[attr-defined]
        notes.delete(note=note, at=now(), by=Actor.of_request(request))
        return Response(status=204)


def _find(community: Community, number: int, note_id: int, *, lock: bool = False) -> Note:
    found = Note.objects.filter(membership=find(community, number), pk=note_id)
    note = (locked(found) if lock else found).first() if note_id < 2**63 else None
    if note is None:
        raise Http404
    return note
