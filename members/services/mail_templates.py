"""A community's own words for its letters: declared placeholders and Markdown, and nothing that runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from kernel import locks, mails, trials
from kernel.errors import Refused
from kernel.mails import Letter, MailKind
from kernel.tenancy import Community
from members.actors import Actor
from members.models import MailTemplate
from members.services import audit, mail, powers

PERMISSION = "mail.manage"


@dataclass(frozen=True)
class Template:
    """The words in force for a kind in a language; `own` are the community's, not the product's."""

    kind: MailKind
    language: str
    subject: str
    body: str
    own: bool


def every(community: Community) -> list[Template]:
    """The words of every kind that a community may word, in every language, in one query."""
    kept = MailTemplate.objects.filter(community_id=community.id)
    own = {(one.kind, one.language): (one.subject, one.body) for one in kept}
    return [
        Template(
            kind,
            language,
            *(own.get((kind.key, language)) or mail.usual(kind, language=language)),
            own=(kind.key, language) in own,
        )
        for kind in mails.kinds
        if kind.body and not kind.site
        for language, _name in settings.LANGUAGES
    ]


def hold(*, community: Community, by: Actor) -> None:
    """Nobody else changes the words until the end of the transaction. Raises `Refused` for who may not change them any
    more."""
    powers.require(by, PERMISSION)
    locks.advisory(name="members.mail_templates", key=community.id)


@transaction.atomic
def save(
    *, community: Community, kind: str, language: str, subject: str, body: str, at: datetime, by: Actor
) -> MailTemplate | None:
    """Keep the community's own words; None when they are the product's, which are then in force.

    Raises `Refused` for an unknown kind or language, an empty or too long text, and a placeholder that the kind
    does not have, by its name; while an experiment with them runs (`being_tried`); also for who may not change them any
    more.
    """
    hold(community=community, by=by)
    found = _known(kind, language)
    trials.guard(kind, community_id=community.id)
    subject, body = check(found, subject, body)
    before = mail.template(found, community_id=community.id, language=language)
    if (subject, body) == before:
        return MailTemplate.objects.filter(community_id=community.id, kind=kind, language=language).first()
    kept = None
    if (subject, body) == mail.usual(found, language=language):
        MailTemplate.objects.filter(community_id=community.id, kind=kind, language=language).delete()
    else:
        kept, _new = MailTemplate.objects.update_or_create(
            community_id=community.id,
            kind=kind,
            language=language,
            defaults={"subject": subject, "body": body, "changed_at": at},
        )
    _record("mail.words_changed", community, kind, language, before, (subject, body), at=at, by=by)
    return kept


@transaction.atomic
def reset(*, community: Community, kind: str, language: str, at: datetime, by: Actor) -> bool:
    """Go back to the product's words; whether there were others. Raises `Refused` as `save`."""
    hold(community=community, by=by)
    found = _known(kind, language)
    trials.guard(kind, community_id=community.id)
    before = mail.template(found, community_id=community.id, language=language)
    rows = MailTemplate.objects.filter(community_id=community.id, kind=kind, language=language)
    if not rows.delete()[0]:
        return False
    after = mail.usual(found, language=language)
    _record("mail.words_reset", community, kind, language, before, after, at=at, by=by)
    return True


def check(kind: MailKind, subject: str, body: str) -> tuple[str, str]:
    """(subject, body) as they are kept. Raises `Refused`, with the field at fault."""
    subject, body = mails.one_line(subject), body.replace("\r\n", "\n").replace("\x00", "").strip()
    for field, text, longest in (
        ("subject", subject, mails.LONGEST_SUBJECT),
        ("body", body, mails.LONGEST_BODY),
    ):
        if not text:
            raise Refused(_("Something has to stand here."), code="required", field=field)
        if len(text) > longest:
            message = _("At most %(most)d characters fit here.") % {"most": longest}
            raise Refused(message, code="too_long", field=field)
        for name in mails.unknown(kind, text):
            message = _("There is no placeholder {%(name)s} in this kind of letter.") % {"name": name}
            raise Refused(message, code="unknown_placeholder", field=field)
    return subject, body


def preview(
    *, community: Community, kind: MailKind, language: str, subject: str, body: str, reader: str
) -> Letter:
    """The letter as it would be, with each placeholder's meaning where nothing better is known."""
    with translation.override(language):
        words = {name: f"[{meaning}]" for name, meaning in kind.known.items()}
    home = mail.whole(f"/c/{community.slug}/")
    words |= {"member": reader, "community": community.name, "community_url": home, "url": home}
    return mails.compose(subject=subject, body=body, words=words, long=kind.long)


def _known(kind: str, language: str) -> MailKind:
    found = mails.get(kind) if kind in mails.kinds else None
    if found is None or not found.body or found.site or language not in dict(settings.LANGUAGES):
        raise Refused(_("There is no such letter."), code="unknown")
    return found


def _record(
    action: str,
    community: Community,
    kind: str,
    language: str,
    before: tuple[str, str],
    after: tuple[str, str],
    *,
    at: datetime,
    by: Actor,
) -> None:
    def fields(words: tuple[str, str]) -> Mapping[str, str]:
        return {"subject": words[0], "body": words[1]}

    changed_before, changed_after = audit.changed(dict(fields(before)), dict(fields(after)))
    audit.record(
        action=action,
        object_kind="mail",
        object_id=f"{kind} {language}",
        by=by,
        at=at,
        community_id=community.id,
        before=changed_before,
        after=changed_after,
    )
