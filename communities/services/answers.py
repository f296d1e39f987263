"""What somebody answers on joining: judged by the kind of question, and kept with the question as it was asked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from communities.models import Application, ApplicationFile, JoinQuestion
from kernel import media, pictures, words
from kernel.errors import Refused
from members.models import CustomField

#: Bytes that one file may have.
LARGEST_FILE = 5 * 1024 * 1024
TAKEN = frozenset({"application/pdf", "image/png", "image/jpeg"})


@dataclass(frozen=True)
class SentFile:
    key: UUID
    media_type: str
    sent: UploadedFile
    content: bytes


@dataclass(frozen=True)
class Answered:
    """The answers as they are kept, the files among them, and what was said in fields of the community's own."""

    kept: list[dict[str, Any]]
    files: list[SentFile]
    fields: list[tuple[CustomField, Any]] = field(default_factory=list)

    @property
    def custom(self) -> dict[str, Any]:
        """For `Membership.custom`."""
        return {one.key: value for one, value in self.fields}

    @property
    def told(self) -> list[dict[str, Any]]:
        """All of it for who reads the application: the questions, then the fields by what they are called."""
        said = [{"question": one.name, "kind": one.kind, "answer": value} for one, value in self.fields]
        return [*self.kept, *said]


def judge(questions: Iterable[JoinQuestion], given: Mapping[int, Any]) -> Answered:
    """The answers, by question id, as they are kept: question, kind and answer; a file is named with its `file` key.

    Raises `Refused` with the field `question_<id>` where a required answer is missing, and where one does not
    fit its question.
    """
    found = Answered([], [])
    for question in questions:
        answer = given.get(question.pk)
        place = f"question_{question.pk}"
        if answer in (None, "", [], False):
            if question.required:
                raise Refused(_("An answer is needed here."), code="required", field=place)
            continue
        kept: dict[str, Any] = {"question": question.text, "kind": question.kind}
        if question.kind == JoinQuestion.Kind.FILE:
            file = _file(answer, place)
            found.files.append(file)
            kept |= {"answer": _name(file.sent), "file": str(file.key)}
        elif _FITS[question.kind](question, answer):
            kept["answer"] = answer.isoformat() if isinstance(answer, date) else answer
        else:
            raise Refused(_("This answer does not fit the question."), code="invalid", field=place)
        found.kept.append(kept)
    return found


def keep_files(application: Application, answered: Answered) -> None:
    """Put the files away where staff alone fetch them; pictures without what they tell of place and maker."""
    for file in answered.files:
        row = ApplicationFile(
            key=file.key,
            application=application,
            name=_name(file.sent),
            media_type=file.media_type,
            size=len(file.content),
        )
        row.file.save(_name(file.sent), ContentFile(file.content), save=False)
        row.save()


def _file(sent: Any, place: str) -> SentFile:
    if not isinstance(sent, UploadedFile):
        raise Refused(_("A file is expected here."), code="invalid", field=place)
    if (sent.size or 0) > LARGEST_FILE:
        message = _("A file may have %(many)s MB at the most.")
        many = words.number(LARGEST_FILE // 1024 // 1024)
        raise Refused(message % {"many": many}, code="too_large", field=place)
    content = sent.read(LARGEST_FILE)
    media_type = media.type_of(content)
    media_type = media_type if media_type in TAKEN else ""
    try:
        if media_type.startswith("image/"):
            content = pictures.stripped(content)
    except ValueError:
        media_type = ""
    if not media_type:
        raise Refused(_("A PDF or a picture (PNG, JPEG) is expected."), code="media_type", field=place)
    return SentFile(uuid4(), media_type, sent, content)


def _name(sent: UploadedFile) -> str:
    return (sent.name or "file").replace("\x00", "")[-200:]


_FITS: dict[str, Callable[[JoinQuestion, Any], bool]] = {
    JoinQuestion.Kind.TEXT: lambda question, given: isinstance(given, str) and len(given) <= 2000,
    JoinQuestion.Kind.CHOICE: lambda question, given: given in question.options,
    JoinQuestion.Kind.SEVERAL: lambda question, given: set(given) <= set(question.options),
    JoinQuestion.Kind.DATE: lambda question, given: isinstance(given, date),
    JoinQuestion.Kind.AGREEMENT: lambda question, given: given is True,
}
