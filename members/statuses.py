"""The acts by which a membership's status changes, and no other way: from which statuses, to which, and by whom."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.registry import Registry
from members.roles import ADMITTED, GONE, NOT_JOINED, Status

S = Status
_ANY = frozenset(Status.values)
#: Who holds a place in a tier: whoever is let in, and whoever only has to say yes or to pay.
HOLDING = ADMITTED | {S.APPROVED.value, S.AWAITING_PAYMENT.value}


@dataclass(frozen=True)
class Act:
    """One act. `sources` are the statuses it starts from; `target` is None where it leads back to the status
    before the present one.

    `permission` is what staff need for it; `own` tells that members may do it about themselves, where
    `permission` is empty they alone. `meaning` says to staff what follows from it. `fact` is the verb that is
    published, besides `joined` on the first entry. A `grave` act closes a door to the
    member; what `may_end` does so by itself at a time that is given; one `of_person` is done to every account of theirs.
    """

    key: str
    sources: frozenset[str]
    target: str | None
    label: str | Promise
    meaning: str | Promise = ""
    permission: str = ""
    own: bool = False
    needs_reason: bool = False
    may_end: bool = False
    fact: str = ""
    grave: bool = False
    of_person: bool = False


acts: Registry[Act] = Registry("act")


def _add(
    key: str, sources: frozenset[str] | set[Status], target: Status | None, label: Promise, **more: object
) -> None:
    words = frozenset(str(status) for status in sources)
    acts.add(key, Act(key, words, target and str(target), label, **more))  # type: ignore[arg-type]


CHANGE, DISCIPLINE, DUES = "members.change", "members.discipline", "members.dues"

_add("apply", {S.INVITED, S.REJECTED, S.WITHDRAWN, S.LEFT}, S.APPLIED, _("Apply"), own=True)
_add(
    "wait",
    {S.APPLIED, S.APPROVED},
    S.WAITING,
    _("Put on the waiting list"),
    permission=CHANGE,
    meaning=_("They keep their turn and are offered the next place that becomes free."),
)
_add(
    "approve",
    {S.APPLIED, S.WAITING},
    S.APPROVED,
    _("Approve"),
    permission=CHANGE,
    meaning=_("They may come in. Where dues are asked, they pay first."),
)
_add(
    "reject",
    {S.APPLIED, S.WAITING, S.APPROVED, S.AWAITING_PAYMENT},
    S.REJECTED,
    _("Reject"),
    permission=CHANGE,
    needs_reason=True,
    meaning=_("They do not come in. They read your reason, and may apply again."),
)
_add(
    "withdraw",
    {S.INVITED, S.APPLIED, S.WAITING, S.APPROVED, S.AWAITING_PAYMENT},
    S.WITHDRAWN,
    _("Withdraw"),
    own=True,
)
_add(
    "ask_payment",
    {S.INVITED, S.APPLIED, S.APPROVED},
    S.AWAITING_PAYMENT,
    _("Ask for payment"),
    permission=DUES,
    meaning=_("They come in as soon as their dues are paid."),
)
_add(
    "begin_trial",
    {S.APPROVED, S.AWAITING_PAYMENT},
    S.TRIAL,
    _("Begin a trial"),
    permission=DUES,
    meaning=_("They come in now, and count as a member, until the trial ends."),
)
_add(
    "activate",
    {S.INVITED, S.APPROVED, S.AWAITING_PAYMENT, S.TRIAL},
    S.ACTIVE,
    _("Make active"),
    permission=CHANGE,
    meaning=_("They come in now and count as a member."),
)
_add(
    "pause",
    {S.ACTIVE},
    S.PAUSED,
    _("Pause"),
    permission=CHANGE,
    own=True,
    may_end=True,
    meaning=_("They may still read, and do not count as a member until they resume."),
)
_add(
    "resume",
    {S.PAUSED},
    S.ACTIVE,
    _("Resume"),
    permission=CHANGE,
    own=True,
    fact="resumed",
    meaning=_("They count as a member again from now on."),
)
_add(
    "suspend",
    {S.ACTIVE},
    S.SUSPENDED,
    _("Suspend for dues"),
    permission=DUES,
    fact="suspended",
    meaning=_("Their dues are late: they do not count as a member until they pay. This is about money only."),
)
_add(
    "lapse",
    {S.SUSPENDED, S.TRIAL},
    S.LAPSED,
    _("Let lapse"),
    permission=DUES,
    fact="lapsed",
    meaning=_("Their membership ends for dues that never came. Renewing brings them back."),
)
_add(
    "renew",
    {S.SUSPENDED, S.LAPSED},
    S.ACTIVE,
    _("Renew"),
    permission=DUES,
    fact="resumed",
    meaning=_("They count as a member again from now on."),
)
_add(
    "restrict",
    {S.ACTIVE, S.TRIAL},
    S.RESTRICTED,
    _("Restrict"),
    permission=DISCIPLINE,
    needs_reason=True,
    grave=True,
    meaning=_("They may read and nothing else, and lose what their role allows. Paying never lifts it."),
)
_add(
    "lift",
    {S.RESTRICTED},
    None,
    _("Lift the restriction"),
    permission=DISCIPLINE,
    meaning=_("They are again what they were before the restriction."),
)
_add("return", {S.LEFT}, S.ACTIVE, _("Come back"), own=True, fact="resumed")
_add(
    "take_back",
    {S.LEFT, S.REMOVED, S.BANNED},
    S.ACTIVE,
    _("Take back"),
    permission=CHANGE,
    needs_reason=True,
    fact="resumed",
    meaning=_("They are a member again with the same number, as a plain member. They read your reason."),
)
_add(
    "leave",
    _ANY - GONE - NOT_JOINED,
    S.LEFT,
    _("Leave"),
    permission=CHANGE,
    own=True,
    fact="left",
    grave=True,
    meaning=_(
        "They wished to go: they can no longer enter. What they wrote and did stays, and stays in the figures."
    ),
)
_add(
    "remove",
    _ANY - GONE - NOT_JOINED,
    S.REMOVED,
    _("Remove"),
    permission=CHANGE,
    needs_reason=True,
    fact="left",
    grave=True,
    meaning=_(
        "They can no longer enter, nor join again by themselves. What they wrote and did stays, and stays in the figures."
    ),
)
_add(
    "ban",
    _ANY - {S.BANNED.value},
    S.BANNED,
    _("Ban"),
    permission=CHANGE,
    needs_reason=True,
    fact="left",
    grave=True,
    of_person=True,
    meaning=_(
        "They can no longer enter. Other accounts with a confirmed address of theirs are banned with them, and none can "
        "join. What they wrote and did stays."
    ),
)


def possible(status: str) -> list[Act]:
    """The acts that start from this status, in the order of a membership's life."""
    return [act for act in acts if status in act.sources]
