"""The one place from which people are written to.

`send` writes a row, in the caller's transaction: the letter exists exactly if what it tells of has happened.
Workers deliver it afterwards (`delivery`); nobody waits for a mail server, or for a broker.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Q
from django.utils import translation

from kernel import mails, tasks, trials
from kernel.mails import MailKind, Section
from kernel.tenancy import Community
from kernel.trials import Unit
from members.actors import Actor
from members.models import (
    DeadAddress,
    LetterName,
    MailTemplate,
    Membership,
    Message,
    Notification,
    OptOut,
)
from members.services import hours, notifications, waiting

#: `mail.kinds.add(MailKind(...))`: where apps say what they send.
kinds = mails
State, Reason = Message.State, Message.Reason
#: How many letters a community may have written in a day, as a multiple of what may go out in one.
BACKLOG = 5
DAY = timedelta(days=1)
#: So long a letter of a kind that gathers waits for more of the same, and for its reader to see it in the page.
GATHERING = timedelta(minutes=2)

_withheld: ContextVar[bool] = ContextVar("mail_withheld", default=False)


def send(
    *,
    kind: str,
    to: Membership | str,
    community: Community | None,
    words: Mapping[str, str],
    at: datetime,
    language: str = "",
    by: Actor | None = None,
    dedupe: str = "",
    url: str = "",
    about: str = "",
    actor: Membership | None = None,
    sections: Mapping[str, Iterable[Section]] | None = None,
    unit: Membership | None = None,
) -> Message | None:
    """Write a letter of this kind to a member, or to an address that is nobody's yet; a member is told in the
    page too where the kind has a notice.

    `language` is that of a reader who is nobody's yet, where it is known. `words` are the values of the kind's
    placeholders, `url` is what it is about (from "/" on, or whole).
    `dedupe` names the letter within the site: with the same one nothing is written or told a second time. `about`
    groups notices, as `notifications.tell` says, and of a kind that gathers letters too: there is one until it is read,
    which tells of each `actor`. `unit` is on whom its words may be tried (`kernel.trials`), the reader where none is
    given. The row that was written; None where it stands there already, and for what waits: for
    the end of quiet hours, or the daily letter. A letter that may not go out is written as held back, with the reason.
    Raises `KeyError` for an unknown kind.
    """
    found = mails.get(kind)
    member = to if isinstance(to, Membership) else None
    if is_withheld():
        return None
    words = {"member": member.display_name if member else "", **words}
    due_at = hours.due(kind=found, to=member, at=at) if member else None
    told: dict[str, Any] = {"words": words, "at": at, "url": url, "about": about, "actor": actor}
    if member is not None and found.can_wait and (due_at or (found.gathers and about)):
        if waiting.is_known(dedupe):
            return None
        notice = notifications.tell(to=member, kind=kind, **told)
        if notice is not None and notice.letter is not None:
            return _retell(notice, found, words, url)
        if due_at or notice is None:
            later = due_at or at + GATHERING
            waiting.keep(to=member, kind=found, dedupe=dedupe, due_at=later, **told)
            return None
        written = post(
            kind=kind, to=to, community=community, words=words, at=at, by=by, dedupe=dedupe, url=url,
            next_at=at + GATHERING,
        )  # fmt: skip
        if written is not None:
            Notification.objects.filter(pk=notice.pk).update(letter=written.pk)
        return written
    written = post(
        kind=kind, to=to, community=community, words=words, at=at, language=language, by=by, dedupe=dedupe,
        url=url, sections=sections, next_at=due_at or at, unit=unit,
    )  # fmt: skip
    if written is not None and member is not None and found.notice:
        notifications.tell(to=member, kind=kind, **told)
    return written


def post(
    *,
    kind: str,
    to: Membership | str,
    community: Community | None,
    words: Mapping[str, str],
    at: datetime,
    next_at: datetime | None = None,
    language: str = "",
    by: Actor | None = None,
    dedupe: str = "",
    url: str = "",
    sections: Mapping[str, Iterable[Section]] | None = None,
    unit: Membership | None = None,
) -> Message | None:
    """Write the letter alone, to go at `next_at`: at once where none is given. As `send` says."""
    found = mails.get(kind)
    member = to if isinstance(to, Membership) else None
    message = Message(
        community_id=community.id if community else member.community_id if member else None,
        membership=member,
        kind=kind,
        dedupe=dedupe or None,
        address=(_address(member) if member else str(to)).strip(),
        language=language_of(member, community, language),
        priority=0 if not found.optional else 2 if found.bulk else 1,
        by_words=by.words[:120] if by else "",
        created_at=at,
        next_at=next_at or at,
    )
    message.reason = held_back(message, found, at=at)
    if message.reason:
        message.state, message.finished_at = State.SUPPRESSED, at
        message.address = "" if found.parting else message.address
        with translation.override(message.language):
            message.subject = mails.sentence(str(found.label), {})
    else:
        _write(message, found, community, words, url, sections or {}, unit or member)
    if not _keep(message):
        return None
    if message.state == State.QUEUED:
        nudge()
    return message


@contextmanager
def withheld() -> Any:
    """Write nothing to anybody meanwhile: for what is made up, and for what happened elsewhere long ago."""
    token = _withheld.set(True)
    try:
        yield
    finally:
        _withheld.reset(token)


def is_withheld() -> bool:
    """Whether nothing is written to anybody now."""
    return _withheld.get()


def held_back(message: Message, kind: MailKind, *, at: datetime) -> str:
    """Why this letter may not go out, "" when it may."""
    if not message.address or message.address.endswith(".invalid"):
        # A domain that never can exist: of those whom a demo makes up.
        return Reason.NO_ADDRESS
    here = Q(community_id=message.community_id)
    dead = DeadAddress.objects.filter(here, address__iexact=message.address)
    if dead.exists():
        return Reason.BOUNCED
    if not kind.optional or message.community_id is None:
        return ""
    if is_switched_off(message):
        return Reason.SWITCHED_OFF
    since = Message.objects.filter(here, created_at__gt=at - DAY)
    if since.count() >= BACKLOG * quota(message.community, at=at):
        return Reason.QUOTA
    return ""


def is_switched_off(message: Message) -> bool:
    """Whether its reader does not want this kind of letter from this community."""
    here = Q(community_id=message.community_id)
    out = OptOut.objects.filter(here, channel=OptOut.Channel.MAIL, kind__in=["", message.kind])
    if message.membership_id is not None:
        return out.filter(membership_id=message.membership_id).exists()
    return out.filter(membership=None, address__iexact=message.address).exists()


def quota(community: Any, *, at: datetime) -> int:
    """How many letters a community may send in a day: few while it is young, so that nobody founds one to spam."""
    young = at - community.founded_at < timedelta(days=settings.MAIL_YOUNG_DAYS)
    return int(settings.MAIL_PER_DAY_YOUNG if young else settings.MAIL_PER_DAY)


def template(kind: MailKind, *, community_id: int | None, language: str) -> tuple[str, str]:
    """(subject, body) in force: the community's own words in this language, or the kind's."""
    own = MailTemplate.objects.filter(Q(community_id=community_id), kind=kind.key, language=language).first()
    if own is not None:
        return own.subject, own.body
    return usual(kind, language=language)


def usual(kind: MailKind, *, language: str) -> tuple[str, str]:
    """(subject, body) as the product itself says it."""
    with translation.override(language):
        return str(kind.subject), str(kind.body)


def whole(url: str) -> str:
    """An address of this site, from its beginning on."""
    return settings.SITE_ADDRESS + url if url.startswith("/") else url


def nudge() -> None:
    """Have a worker deliver once the transaction is committed: one task for all letters of a transaction."""
    if not any(_send_out in entry for entry in connection.run_on_commit):
        transaction.on_commit(_send_out, robust=True)


def _send_out() -> None:
    tasks.send("members.deliver_mail")


def _write(
    message: Message,
    kind: MailKind,
    community: Community | None,
    words: Mapping[str, str],
    url: str,
    sections: Mapping[str, Iterable[Section]],
    unit: Membership | None = None,
) -> None:
    subject, body = _tried(kind, message, unit) or template(
        kind, community_id=message.community_id, language=message.language
    )
    home = whole(f"/c/{community.slug}/") if community else settings.SITE_ADDRESS + "/"
    common = {
        "community": community.name if community else "Crowdecon",
        "community_url": home,
        "url": whole(url) or home,
    }
    letter = mails.compose(
        subject=subject, body=body, words={**common, **words}, long=kind.long, sections=sections
    )
    message.subject, message.text, message.html = letter.subject, letter.text, str(letter.html)
    if kind.drawn and url:
        with translation.override(message.language):
            message.html += mails.drawn(whole(url))


def _tried(kind: MailKind, message: Message, unit: Membership | None) -> tuple[str, str] | None:
    """(subject, body) of the arm of the unit, where an experiment with these words runs and it is assigned."""
    if unit is None:
        return None
    found = trials.words(kind.key, community_id=message.community_id, unit=Unit(member=unit))
    if found is None:
        return None
    said = {piece.key: piece.text for piece in found}
    subject, body = (said.get(f"{message.language}.{part}") for part in ("subject", "body"))
    return (subject, body) if subject and body else None


def _retell(notice: Notification, kind: MailKind, words: Mapping[str, str], url: str) -> Message | None:
    """Let a letter that has not gone tell of what came since; None where it has: there is no other until it is read."""
    assert notice.letter is not None
    earlier = Message.objects.filter(pk=notice.letter, kind=kind.key, state=State.QUEUED, handed_at=None)
    message = earlier.select_related("community").select_for_update(of=("self",)).first()
    if message is not None:
        with translation.override(message.language):
            told = mails.gathered(words, len(notice.actors) - 1)
        _write(message, kind, message.community, told, url, {})
        message.save(update_fields=["subject", "text", "html"])
    return message


def _keep(message: Message) -> bool:
    """Keep the row; False when one of the same name is there, or was."""
    if message.dedupe is None:
        message.save(force_insert=True)
        return True
    Message.objects.bulk_create([message], ignore_conflicts=True)
    # Afterwards, and not before: whoever waits above for a row that is being removed finds its name here.
    gone = Exists(LetterName.objects.filter(pk=message.dedupe))
    kept = Message.objects.filter(pk=message.pk).values_list(gone, flat=True).first()
    if kept is True:
        Message.objects.filter(pk=message.pk).delete()
    return kept is False


def written(names: Collection[str]) -> set[str]:
    """Those of the names under which a letter has been written, though its row may be gone."""
    there = Message.objects.filter(dedupe__in=names).order_by().values_list("dedupe", flat=True)
    gone = LetterName.objects.filter(pk__in=names).values_list("pk", flat=True)
    return {str(name) for name in there.union(gone)}


def _address(member: Membership) -> str:
    """Of a member who signs in the address that is proven; else what is known of the record."""
    return member.user.email if member.user_id and member.user else member.email


def language_of(member: Membership | None, community: Community | None, asked: str = "") -> str:
    """The language a reader has chosen, or is known to read; else the community's."""
    known = dict(settings.LANGUAGES)
    chosen = member.user.language if member and member.user_id and member.user else ""
    for code in (chosen, asked, community.language if community else "", settings.LANGUAGE_CODE):
        if code in known:
            return code
    return next(iter(known))
