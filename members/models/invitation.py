from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def of(self, community_id: int) -> "InvitationQuerySet":
        return self.filter(community_id=community_id)

    def links(self) -> "InvitationQuerySet":
        """The operators' links."""
        return self.filter(kind=Invitation.Kind.LINK)

    def mails(self) -> "InvitationQuerySet":
        return self.filter(kind=Invitation.Kind.EMAIL)

    def sent(self) -> "InvitationQuerySet":
        """Those that were sent to somebody: by e-mail here, or elsewhere and told by a file."""
        return self.filter(sent_at__isnull=False)


class Invitation(models.Model):
    """A way into a community: a member's own link, a link of its operators, or one that was sent to somebody.

    `inviter` is who becomes the inviter of those who come by it; an operators' link has none. `email` and
    `language` are those of whom it was mailed to, `sent_at` when that was. One that a file brought has no code:
    nobody can come by it any more, and `external_id` is its id there.
    """

    class Kind(models.TextChoices):
        PERSONAL = "personal", _("Personal link")
        LINK = "link", _("Link")
        EMAIL = "email", _("By e-mail")
        FILE = "file", _("From a file")

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="invitations")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    code = models.CharField(max_length=32, unique=True, null=True)
    inviter = models.ForeignKey("members.Membership", models.CASCADE, null=True, related_name="invitations")
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    campaign = models.CharField(_("campaign"), max_length=80, blank=True)
    tier = models.ForeignKey("members.Tier", models.SET_NULL, null=True, blank=True, related_name="+")
    limit = models.PositiveIntegerField(_("how many may join by it"), null=True, blank=True)
    used = models.PositiveIntegerField(default=0)
    email = models.EmailField(_("e-mail address"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    note = models.CharField(_("a word of your own"), max_length=300, blank=True)
    external_id = models.CharField(max_length=120, null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("members.Membership", models.SET_NULL, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(_("works until"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(limit__isnull=True) | Q(used__lte=F("limit")), name="invitation_within_limit"
            ),
            models.CheckConstraint(
                condition=Q(kind="link") | Q(inviter__isnull=False), name="invitation_has_inviter"
            ),
            models.CheckConstraint(
                condition=Q(kind="file") | Q(code__isnull=False), name="invitation_has_code"
            ),
            models.UniqueConstraint(
                fields=["inviter"],
                condition=Q(kind="personal", revoked_at__isnull=True),
                name="invitation_one_personal_link",
            ),
            models.UniqueConstraint(
                fields=["community", "external_id"], name="invitation_external_id_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["community", "-created_at", "-id"], name="invitation_by_time"),
            models.Index(
                fields=["community", "email"], condition=Q(kind="email"), name="invitation_by_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_used_up(self) -> bool:
        return self.limit is not None and self.used >= self.limit

    def is_expired(self, at: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= at


class InvitationUse(models.Model):
    """Who came by an invitation: a member comes in once, by one."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="uses")
    membership = models.OneToOneField(
        "members.Membership", models.CASCADE, related_name="invitation_use", primary_key=True
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.membership} by {self.invitation}"


class Attribution(models.Model):
    """By which invitation a person found a community, kept until they join it: on any device, days later."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="attributions")
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="+")
    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="attributions")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "community"], name="attribution_once_in_community")
        ]

    def __str__(self) -> str:
        return f"{self.user} by {self.invitation}"
