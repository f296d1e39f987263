"""What this app holds on a person: what they get of it, and what is left once they are erased."""

from collections.abc import Iterator
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel import files, mails, person_data
from kernel.mails import MailKind
from kernel.person_data import Person, Table, table
from members import models, told_data
from members.models import Membership, User
from members.services import audit

MEMBERSHIP = (
    "community__slug", "number", "external_id", "name", "email", "status", "status_until", "role",
    "tier__name", "joined_at", "left_at", "invited_by__number", "channel", "campaign", "city", "country",
    "latitude", "longitude", "interests", "tags", "custom", "introduction", "listed", "shown", "answers",
)  # fmt: skip

_PLACE = {"place": _("the name of the community that is meant")}


def register() -> None:
    mails.add(
        MailKind(
            "account.erasure_asked",
            label=_("Erasure asked for"),
            subject=_("You asked to be erased"),
            body=_(
                "Hello,\n\nsomebody signed in as you asked that your personal data be erased here. It happens in "
                "three days. Until then you can [take it back]({url}).\n\nIf it was not you, take it back and change "
                "your password at once."
            ),
            optional=False,
            site=True,
        )
    )
    mails.add(
        MailKind(
            "account.erasure_asked_here",
            label=_("Erasure asked for in one community"),
            subject=_("You asked {place} to erase you"),
            body=_(
                "Hello,\n\nsomebody signed in as you asked that your personal data in {place} be erased. It happens "
                "in three days. Until then you can [take it back]({url}). What you have in other communities stays.\n\n"
                "If it was not you, take it back and change your password at once."
            ),
            placeholders=_PLACE,
            optional=False,
            site=True,
        )
    )
    mails.add(
        MailKind(
            "account.erased",
            label=_("Erased altogether"),
            subject=_("Your data has been erased"),
            body=_(
                "Hello,\n\nwhat we held on you has been erased, in every community, and your account with it. This is "
                "the last letter to this address; once it has gone, the address is not kept either."
            ),
            optional=False,
            site=True,
            parting=True,
        )
    )
    mails.add(
        MailKind(
            "account.erased_here",
            label=_("Erased in one community"),
            subject=_("{place} has erased your data"),
            body=_(
                "Hello,\n\nwhat {place} held on you has been erased. What remains there is a number that says nothing "
                "about you. The log of this letter does not keep your address."
            ),
            placeholders=_PLACE,
            optional=False,
            site=True,
            parting=True,
        )
    )
    person_data.add(
        "account",
        label=_("Your account"),
        fields=(
            "members.Membership.user", "account.EmailAddress.user", "mfa.Authenticator.user",
            "usersessions.UserSession.user", "members.Attribution.user", "members.PersonExport.user",
            "members.User_groups.user", "members.User_user_permissions.user",
        ),
        export=account,
        erase=erase_account,
    )  # fmt: skip
    person_data.add(
        "memberships",
        label=_("Your memberships and their history"),
        fields=(
            "members.MembershipChange.membership", "members.PurposeNotice.membership", "members.Note.membership",
            "members.MemberCard.membership", "members.ErasureRequest.membership", "members.SearchEntry.membership",
        ),
        export=memberships,
        erase=erase_memberships,
    )  # fmt: skip
    person_data.add(
        "merges",
        label=_("Records that were merged"),
        fields=(
            "members.Merge.kept", "members.Merge.merged", "members.MergeProposal.kept", "members.MergeProposal.merged",
            "members.TwoPeople.first", "members.TwoPeople.second",
        ),
        export=merges,
        erase=erase_merges,
    )  # fmt: skip
    person_data.add(
        "invitations",
        label=_("Invitations"),
        fields=("members.Invitation.inviter",),
        export=invitations,
        erase=erase_invitations,
    )
    person_data.add(
        "messages",
        label=_("Letters and notices"),
        fields=(
            "members.Message.membership", "members.Notification.membership", "members.OptOut.membership",
            "members.Waiting.membership", "members.DailyWish.membership", "members.QuietHours.user",
        ),
        export=told_data.messages,
        erase=told_data.erase_messages,
    )  # fmt: skip
    person_data.add(
        "work",
        label=_("Files you imported and acts upon many"),
        fields=("members.ImportRun.by", "members.BulkAct.by", "members.Note.by"),
        export=work,
        erase=erase_work,
    )
    person_data.add(
        "audit",
        label=_("What the audit log says of you"),
        fields=("members.AuditEntry.actor",),
        export=audit_log,
        erase=erase_audit,
    )
    number = "It points at a bare number: who erased members were is not told by it."
    for field in (
        "members.Membership.invited_by",
        "members.MembershipChange.by",
        "members.Invitation.created_by",
        "members.InvitationUse.membership",
        "members.Segment.made_by",
        "members.Membership.merged_into",
        "members.Merge.by",
        "members.MergeProposal.by",
    ):
        person_data.keep(field, number)
    for model, reason in (
        ("auth.Group", "Roles of the site's own staff, about nobody."),
        ("auth.Permission", "Rights of the site's own staff, about nobody."),
        ("sessions.Session", "Ended with the account; a key that is signed and a number."),
        ("members.AuditValues", "Told and emptied with its entry: `audit`."),
        ("members.BulkPart", "Members by their rows' numbers, and codes."),
        ("members.CustomField", "What the community asks, about nobody."),
        ("members.DeadAddress", "Told and erased by the address: `messages`."),
        ("members.ImportPart", "Emptied with the member: `members.services.import_reports`."),
        ("members.LetterName", "The name of a letter: a kind and the number of a row."),
        ("members.MailTemplate", "Words of the community itself, about nobody."),
        ("members.NoteVersion", "Goes with its note: `memberships`."),
        ("members.PrivacyPolicy", "What the community has decided, about nobody."),
        ("members.Tier", "What the community offers, about nobody."),
        ("members.User", "The account itself: `account`."),
    ):
        person_data.stand_beside(model, reason)
    shell = "It points at an account that has been emptied."
    person_data.keep("members.ErasureRequest.user", shell)
    person_data.keep("admin.LogEntry.user", shell + " Of the site's own staff alone.")


def account(person: Person) -> Iterator[Table]:
    if person.user_id is None:
        return
    mine = Q(user_id=person.user_id)
    yield table(
        "account",
        User.objects.filter(pk=person.user_id),
        ("email", "name", "language", "date_joined", "last_login"),
    )
    yield table("addresses", EmailAddress.objects.filter(mine), ("email", "verified", "primary"))
    # What guards the account, and not the secrets it is guarded by.
    yield table("second_steps", Authenticator.objects.filter(mine), ("type", "created_at", "last_used_at"))
    yield table(
        "sessions", UserSession.objects.filter(mine), ("ip", "user_agent", "created_at", "last_seen_at")
    )
    yield table(
        "found_by_invitation",
        models.Attribution.objects.filter(mine),
        ("community__slug", "invitation_id", "at"),
    )
    yield table("exports", models.PersonExport.objects.filter(mine), ("asked_at", "state", "expires_at"))
    yield table("erasures_asked", models.ErasureRequest.objects.filter(mine), ("asked_at", "due_at", "state"))


def erase_account(person: Person, at: datetime) -> None:
    """The account itself stays as an empty row: entries of the audit log point at it."""
    if person.user_id is None:
        return
    mine = Q(user_id=person.user_id)
    models.Attribution.objects.filter(mine).delete()
    for export in models.PersonExport.objects.filter(mine).exclude(file=""):
        files.delete_after(export.file)
    models.PersonExport.objects.filter(mine).delete()
    Authenticator.objects.filter(mine).delete()
    EmailAddress.objects.filter(mine).delete()
    user = User.objects.get(pk=person.user_id)
    user.email, user.name, user.language = f"erased-{user.pk}@erased.invalid", "", ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()


def memberships(person: Person) -> Iterator[Table]:
    ids = person.membership_ids
    own = Q(membership_id__in=ids)
    yield table("memberships", Membership.objects.filter(pk__in=ids), MEMBERSHIP)
    yield table(
        "history",
        models.MembershipChange.objects.filter(own),
        ("membership__community__slug", "kind", "before", "after", "reason", "at"),
    )
    yield table(
        "told_on_joining",
        models.PurposeNotice.objects.filter(own),
        ("membership__community__slug", "purposes", "words_of", "at"),
    )
    yield table("cards", models.MemberCard.objects.filter(own), ("membership__community__slug", "issued_at"))


def erase_memberships(person: Person, at: datetime) -> None:
    """The history keeps what was and not why, which is in somebody's words. Notes and cards go, and so does
    what search found them by."""
    own = Q(membership_id__in=person.membership_ids)
    models.MembershipChange.objects.filter(own).update(reason="")
    for kind in (models.Note, models.MemberCard, models.PurposeNotice, models.SearchEntry):
        kind.objects.filter(own).delete()


def merges(person: Person) -> Iterator[Table]:
    """What became of records of theirs, and what was asked about them."""
    ids = person.membership_ids
    mine = Q(kept_id__in=ids) | Q(merged_id__in=ids)
    yield table(
        "merges",
        models.Merge.objects.filter(mine),
        ("community__slug", "kept__number", "merged__number", "at", "before", "after", "undone_at"),
    )
    yield table(
        "merges_asked",
        models.MergeProposal.objects.filter(mine),
        (
            "community__slug",
            "kept__number",
            "merged__number",
            "at",
            "state",
            "kept_said_at",
            "merged_said_at",
        ),
    )


def erase_merges(person: Person, at: datetime) -> None:
    """That two numbers are one stays, for the figures; what either was called does not, so it cannot be undone."""
    ids = person.membership_ids
    mine = Q(kept_id__in=ids) | Q(merged_id__in=ids)
    models.Merge.objects.filter(mine).update(before={}, after={}, moved={}, undo_until=None)
    models.MergeProposal.objects.filter(mine).delete()
    models.TwoPeople.objects.filter(Q(first_id__in=ids) | Q(second_id__in=ids)).delete()
    models.Merge.objects.filter(by_id__in=ids).update(by_words="")
    models.MergeProposal.objects.filter(by_id__in=ids).update(by_words="")


def invitations(person: Person) -> Iterator[Table]:
    mine = Q(inviter_id__in=person.membership_ids)
    columns = ("community__slug", "kind", "email", "note", "channel", "campaign", "created_at", "used")
    yield table("invitations", models.Invitation.objects.filter(mine), columns)
    came = models.InvitationUse.objects.filter(membership_id__in=person.membership_ids)
    yield table("came_by", came, ("membership__community__slug", "invitation__kind", "at"))


def erase_invitations(person: Person, at: datetime) -> None:
    """Their links end; of letters of invitation, by them or to them, the address and the words go."""
    mine = models.Invitation.objects.filter(inviter_id__in=person.membership_ids)
    mine.filter(revoked_at=None).update(revoked_at=at)
    mine.update(email="", note="")
    communities = [place.community_id for place in person.places]
    for address in person.addresses:
        models.Invitation.objects.filter(community_id__in=communities, email__iexact=address).update(
            email="", note="", revoked_at=at
        )


def work(person: Person) -> Iterator[Table]:
    if person.user_id is None:
        return
    yield table(
        "imports",
        models.ImportRun.objects.filter(by_id=person.user_id),
        ("community__slug", "kind", "filename", "address", "created_at", "state"),
    )
    yield table(
        "bulk_acts",
        models.BulkAct.objects.filter(by_id=person.user_id),
        ("community__slug", "kind", "address", "created_at", "state"),
    )


def erase_work(person: Person, at: datetime) -> None:
    """That it was done stays, with an emptied account; by what name and from where does not."""
    models.Note.objects.filter(by_id__in=person.membership_ids).update(by_words="")
    if person.user_id is not None:
        for kind in (models.ImportRun, models.BulkAct):
            kind.objects.filter(by_id=person.user_id).update(by_words="", address=None)


def audit_log(person: Person) -> Iterator[Table]:
    about = Q(pk=None)
    for place in person.places:
        about |= Q(community_id=place.community_id, object_kind="member", object_id=str(place.number))
    columns = (
        "community__slug",
        "action",
        "object_kind",
        "object_id",
        "values__before",
        "values__after",
        "at",
    )
    yield table("audit_about_you", models.AuditEntry.objects.filter(about), columns)
    if person.user_id is not None:
        by = models.AuditEntry.objects.filter(actor_id=person.user_id)
        yield table("audit_by_you", by, (*columns[:4], "values__address", "at"))


def erase_audit(person: Person, at: datetime) -> None:
    for place in person.places:
        audit.forget_member(community_id=place.community_id, number=place.number, at=at)
    if person.user_id is not None:
        audit.forget_actor(user_id=person.user_id)
