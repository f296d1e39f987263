from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from kernel import permissions, words
from members.roles import ADMITTED, COUNTED, STAFF_ROLES, Role, Status
from members.search import condition

#: Who stands in the members' directory, as `members.access.listed_q` asks.
_LISTED = Q(listed=True, status__in=sorted(ADMITTED), user__isnull=False)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of(self, community_id: int) -> "MembershipQuerySet":
        """The members of the community: those that were merged into another are none of their own."""
        return self.filter(community_id=community_id, merged_into=None)

    def records_of(self, community_id: int) -> "MembershipQuerySet":
        """Every record of the community, merged ones too."""
        return self.filter(community_id=community_id)

    def counted(self) -> "MembershipQuerySet":
        """Those whom the figure `members` counts: active, on trial or in grace."""
        return self.filter(status__in=COUNTED)

    def staff(self) -> "MembershipQuerySet":
        return self.filter(role__in=STAFF_ROLES)

    def search(self, text: str) -> "MembershipQuerySet":
        """Members whose name, e-mail, city or own id holds every word of the text, in any script."""
        return self.filter(condition(text))


class Membership(models.Model):
    """One person in one community; content and facts point here, never at `User`.

    Without a `user` it is a record that somebody imported and its person has not claimed yet. `status_until`
    is when a pause ends by itself; `channel` and `campaign` are those of the invitation it came by; `shown` are
    the fields its member lets other members see, besides the name, where it is `listed` at all; `desk_columns`
    the columns that this member, being of the staff, has chosen for the member table, None for the usual ones.

    Once erased (`erased_at`) it is a bare number: `external_id` is a pseudonym (`members.pseudonyms`), and
    `erased_after` the number of the member it stood behind among those who joined at the same instant.

    One that was merged (`merged_into`) stands for who the other is: facts go on naming its number, files its own id.
    `name_key` and `mailbox_key` are what duplicates are found by (`members.likeness`).
    """

    # Where a constraint or an index below begins with a relation, it has none of its own: every change of a member is
    # written into each index.
    community = models.ForeignKey(
        "communities.Community", models.CASCADE, related_name="memberships", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="memberships",
        db_index=False,
    )
    number = models.PositiveIntegerField(_("number"), editable=False)
    external_id = models.CharField(_("own id"), max_length=120, null=True, blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    sort_key = models.CharField(max_length=240, blank=True, editable=False)
    email = models.EmailField(_("e-mail address"), blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices)
    status_until = models.DateTimeField(_("until"), null=True, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.MEMBER)
    tier = models.ForeignKey(
        "members.Tier", models.RESTRICT, null=True, blank=True, related_name="memberships"
    )
    joined_at = models.DateTimeField(_("joined"))
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    erased_at = models.DateTimeField(null=True, editable=False)
    erased_after = models.PositiveIntegerField(null=True, editable=False)
    invited_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="invitees", verbose_name=_("invited by")
    )
    merged_into = models.ForeignKey(
        "self",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="merged_records",
        editable=False,
        db_index=False,
    )
    channel = models.CharField(_("came by"), max_length=40, blank=True)
    campaign = models.CharField(_("campaign"), max_length=80, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=120, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    interests = ArrayField(
        models.CharField(max_length=80), verbose_name=_("interests"), default=list, blank=True
    )
    tags = ArrayField(models.CharField(max_length=80), verbose_name=_("tags"), default=list, blank=True)
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)
    introduction = models.TextField(_("introduction"), max_length=2000, blank=True)
    listed = models.BooleanField(_("in the directory"), default=True)
    shown = ArrayField(
        models.CharField(max_length=20), verbose_name=_("shown to members"), default=list, blank=True
    )
    answers = models.JSONField(_("answers on joining"), default=list, blank=True)
    name_key = models.CharField(max_length=160, blank=True, editable=False)
    mailbox_key = models.CharField(max_length=254, blank=True, editable=False)
    desk_columns = ArrayField(models.CharField(max_length=100), null=True, blank=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "number"], name="membership_number_unique"),
            models.UniqueConstraint(
                fields=["community", "external_id"], name="membership_external_id_unique"
            ),
            models.UniqueConstraint(fields=["user", "community"], name="membership_person_once"),
            models.CheckConstraint(
                condition=Q(invited_by__isnull=True) | ~Q(invited_by=F("id")),
                name="membership_not_own_inviter",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="membership_not_merged_into_itself",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True) | Q(latitude__range=(-90, 90)),
                name="membership_latitude_valid",
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True) | Q(longitude__range=(-180, 180)),
                name="membership_longitude_valid",
            ),
        ]
        indexes = [
            # With what is looked at most, so that who fits is found, put in order and counted without the rows themselves.
            models.Index(
                fields=["community", "sort_key", "number"],
                include=["id"],
                condition=Q(merged_into__isnull=True),
                name="membership_by_name",
            ),
            models.Index(fields=["community", "joined_at", "number"], name="membership_by_joining"),
            models.Index(
                fields=["community", "status"],
                include=["id", "number", "role", "tier", "invited_by"],
                condition=Q(merged_into__isnull=True),
                name="membership_by_status",
            ),
            models.Index(
                fields=["status_until"], condition=Q(status_until__isnull=False), name="membership_until"
            ),
            models.Index(
                fields=["community"], condition=Q(erased_at__isnull=False), name="membership_erased"
            ),
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="membership_merged",
            ),
            # What may be one person twice: by mailbox, by name.
            models.Index(
                fields=["community", "mailbox_key", "id"],
                condition=Q(merged_into__isnull=True) & ~Q(mailbox_key=""),
                name="membership_by_mailbox",
            ),
            models.Index(
                fields=["community", "name_key", "id"],
                condition=Q(merged_into__isnull=True) & ~Q(name_key=""),
                name="membership_by_name_key",
            ),
            # The members' directory: by name, by city, by interest.
            models.Index(
                fields=["community", "sort_key", "number"],
                condition=_LISTED,
                name="membership_listed_by_name",
            ),
            models.Index(
                "community",
                Upper("city"),
                "sort_key",
                "number",
                condition=_LISTED,
                name="membership_listed_city",
            ),
            GinIndex(fields=["interests"], condition=_LISTED, name="membership_listed_interests"),
            GinIndex(fields=["custom"], opclasses=["jsonb_path_ops"], name="membership_by_custom"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """What others call this member, never empty, and without what would turn the words around it."""
        if self.erased_at:
            return f"#{self.number}"
        return words.straight(self.name or self.external_id or "") or f"#{self.number}"

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF_ROLES

    @property
    def is_counted(self) -> bool:
        return self.status in COUNTED and self.merged_into_id is None

    @property
    def is_admitted(self) -> bool:
        return self.status in ADMITTED and self.merged_into_id is None

    def may(self, permission: str) -> bool:
        """Whether this member's role holds the permission and the membership lets them use it."""
        may_act = self.is_admitted and self.status != Status.RESTRICTED
        return may_act and permissions.allows(self.role, permission)


class MembershipChange(models.Model):
    """One change of a membership's status, role, tier or inviter. Rows are added and never altered."""

    class Kind(models.TextChoices):
        STATUS = "status", _("Status")
        ROLE = "role", _("Role")
        TIER = "tier", _("Tier")
        INVITER = "inviter", _("Inviter")

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="changes", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    before = models.CharField(max_length=120, blank=True)
    after = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=240, blank=True)
    by = models.ForeignKey(Membership, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["membership", "kind", "at"], name="membership_change_history")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.before} -> {self.after}"


class NumberSequence(models.Model):
    """The next member number of a community: dense from 1, never given twice."""

    community = models.OneToOneField("communities.Community", models.CASCADE, related_name="number_sequence")
    next_number = models.PositiveIntegerField(default=1)
