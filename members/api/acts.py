"""Acts upon a member's status, tier and role, an address each: the words of the desk, for programs."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from kernel.api.fields import Choice, Moment, Text
from kernel.api.operations import operation
from kernel.api.queries import SparseQuery
from kernel.api.serializers import Body
from kernel.api.views import ApiView
from kernel.clock import now
from members.actors import Actor
from members.api.members import NUMBER, find, tier_of
from members.api.shapes import MemberShape
from members.roles import Role
from members.services import memberships, standing
from members.statuses import acts

#: What each act is called, and what follows from it. Refused with `not_now` where the status does not fit.
WORDS = {
    "wait": ("Put on the waiting list", "They are offered the next place that becomes free."),
    "approve": ("Approve an application", "They may come in; where dues are asked, they pay first."),
    "reject": ("Reject an application", "The reason is kept and shown to them."),
    "ask_payment": ("Ask for payment", "They come in as soon as their dues are paid."),
    "begin_trial": ("Begin a trial", "They come in now and count as a member."),
    "activate": ("Make active", "They come in now and count as a member."),
    "pause": (
        "Pause a membership",
        "They do not count as a member until they resume, or until the time given.",
    ),
    "resume": ("Resume a paused membership", "They count as a member again."),
    "suspend": ("Suspend for dues", "Their dues are late. Paying ends it; discipline is `restrict`."),
    "lapse": ("Let a membership lapse", "For dues that never came."),
    "renew": ("Renew a membership", "They count as a member again."),
    "restrict": ("Restrict a member", "They may read and nothing else. Paying never lifts it."),
    "lift": ("Lift a restriction", "They are again what they were before."),
    "take_back": (
        "Take somebody back",
        "Who left, was removed or banned is a plain member again, same number.",
    ),
    "leave": (
        "End a membership at the member's wish",
        "The member has left. Refused for the last owner, and when the membership is over already.",
    ),
    "remove": (
        "End a membership by a decision of staff",
        "Remove the member; the reason is kept and shown to them. Refused as for leaving.",
    ),
    "ban": (
        "Ban a member",
        "Other accounts with a confirmed address of theirs are banned with them, and none can join again.",
    ),
}


class Why(Body):
    """Why it is done; the member will read it."""

    reason = Text(required=False, max_length=240, allow_blank=True)


class NeededWhy(Body):
    """Why it is done; the member will read it."""

    reason = Text(max_length=240, help_text="The member will read it.")


class Pause(Why):
    """Why, and until when."""

    until = Moment(required=False, help_text="It ends by itself then; until somebody ends it when left out.")


class OtherTier(Why):
    """The tier that it is to be."""

    tier = Text(max_length=40, help_text="A tier's key.")


class OtherRole(Body):
    """The role that it is to be."""

    role = Choice(choices=Role.values)


def view_of(key: str) -> type[ApiView]:
    """The view that carries out one act."""
    act, (summary, meaning) = acts.get(key), WORDS[key]

    def post(self: ApiView, request: Request, number: int) -> Response:
        member = find(request.community, number)  # type: ignore[attr-defined]
        standing.act(key, membership=member, at=now(), by=Actor.of_request(request), **self.read_body())
        member = find(request.community, number)  # type: ignore[attr-defined]
        return self.one(MemberShape(member, context=self.get_context()))

    post.__doc__ = meaning
    declared = operation(
        f"{key}_member",
        summary,
        title=act.label,
        answers={200: MemberShape},
        needs=act.permission,
        body=Pause if act.may_end else NeededWhy if act.needs_reason else Why,
        query=SparseQuery,
    )
    fields: dict[str, Any] = {
        "tag": "members",
        "places": NUMBER,
        "post": declared(post),
        "__module__": __name__,
    }
    return type(f"{key.title().replace('_', '')}Member", (ApiView,), fields)


class ChangeTier(ApiView):
    tag = "members"
    places = NUMBER

    @operation(
        "change_tier_of_member",
        "Put a member into another tier",
        answers={200: MemberShape},
        needs="members.change",
        body=OtherTier,
        query=SparseQuery,
    )
    def post(self, request: Request, number: int) -> Response:
        """Refused with `full` where the tier has no place left."""
        community = request.community  # type: ignore[attr-defined]
        member = find(community, number)
        given = self.read_body()
        given["tier"] = tier_of(community, given["tier"])
        memberships.change_tier(membership=member, at=now(), by=Actor.of_request(request), **given)
        return self.one(MemberShape(find(community, number), context=self.get_context()))


class ChangeRole(ApiView):
    tag = "members"
    places = NUMBER

    @operation(
        "change_role_of_member",
        "Give a member another role",
        answers={200: MemberShape},
        needs="members.change_role",
        body=OtherRole,
        query=SparseQuery,
        example={"role": "host"},
    )
    def post(self, request: Request, number: int) -> Response:
        """What they may do changes at once. Refused with `last_owner` where nobody would be left to run the community."""
        member = find(request.community, number)  # type: ignore[attr-defined]
        memberships.change_role(membership=member, at=now(), by=Actor.of_request(request), **self.read_body())
        member = find(request.community, number)  # type: ignore[attr-defined]
        return self.one(MemberShape(member, context=self.get_context()))
