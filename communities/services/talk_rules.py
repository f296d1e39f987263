"""What a community lets be written: words and links that are held, refused or reported, and what newcomers may do."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communities import phrases
from communities.models import Comment, Community, Post, TalkRules
from kernel import markdown
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership
from members.services import audit, powers

Links = TalkRules.Links
#: How many phrases, and how many domains, a community has at most of each sort.
MOST = 500
LISTS = ("held_words", "refused_words", "reported_words", "domains")
#: What was written so long ago and is there has been kept.
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
#: The largest that a number among the rules may be.
LARGEST = {"new_days": 365, "new_kept": 100, "new_per_hour": 30, "new_links": 100, "new_mentions": 100}


def of(community_id: int) -> TalkRules:
    """The community's rules; the usual ones, which are not kept, where it has made none."""
    found = TalkRules.objects.filter(community_id=community_id).first()
    return found or TalkRules(community_id=community_id)


def judge(
    *, author: Membership, text: str, at: datetime, written: QuerySet[Any] | None = None
) -> tuple[str, str]:
    """("", ""), or ("hold" or "report", the phrase or the link that is why). `written` is what the author wrote of the
    same sort, for what is new.

    Raises `Refused` for words and links that are refused (`words`, `links`), and for what newcomers do too much of
    (`new_member`). Staff are not judged.
    """
    if author.is_staff:
        return "", ""
    rules = of(author.community_id)
    if phrase := phrases.found(text, rules.refused_words):
        told = _("“%(phrase)s” is not written here. Say it otherwise: your words are kept in the form.")
        raise Refused(told % {"phrase": phrase}, code="words", field="body")
    own = settings.SITE_ADDRESS.split("//")[-1].split("/")[0].split(":")[0]
    allowed = [own, *rules.domains]
    outside = sorted(one for one in phrases.addresses(text) if phrases.leads_elsewhere(one, allowed))
    is_new = _is_new(author, rules, at)
    if is_new:
        _guard_new(rules, outside, text, at, written)
    if phrase := phrases.found(text, rules.held_words):
        return "hold", phrase
    if is_new and outside and rules.links == Links.HOLD:
        return "hold", outside[0]
    if phrase := phrases.found(text, rules.reported_words):
        return "report", phrase
    return "", ""


@transaction.atomic
def save(*, community: Community, at: datetime, by: Actor, **fields: Any) -> TalkRules:
    """Change the rules. Raises `Refused` for what is no rule, too many phrases, and who may not change the settings."""
    powers.require(by, "settings.change")
    for name in LISTS:
        if name in fields:
            fields[name] = _listed(name, fields[name])
    for name, largest in LARGEST.items():
        if name in fields and not 0 <= fields[name] <= largest:
            told = _("Between 0 and %(largest)d.") % {"largest": largest}
            raise Refused(told, code="range", field=name)
    if "links" in fields and fields["links"] not in Links.values:
        raise Refused(_("Choose what to do."), code="unknown", field="links")
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    rules = of(community.pk)
    before = {name: getattr(rules, name) for name in fields}
    for name, value in fields.items():
        setattr(rules, name, value)
    rules.save()
    changed = audit.changed(before, fields)
    if changed[1]:
        audit.record(
            action="community.talk_rules_changed",
            object_kind="talk_rules",
            by=by,
            at=at,
            community_id=community.pk,
            before=changed[0],
            after=changed[1],
        )
    return rules


def _is_new(author: Membership, rules: TalkRules, at: datetime) -> bool:
    if at - author.joined_at >= timedelta(days=rules.new_days):
        return False
    kept = sum(_kept(model, author, at)[: rules.new_kept].count() for model in (Post, Comment))
    return kept < rules.new_kept


def _kept(model: type[Model], author: Membership, at: datetime) -> QuerySet[Any]:
    """What the member wrote that has stayed for a day."""
    there = model._default_manager.filter(author=author, removed_at=None, hidden_at=None)
    return there.filter(created_at__lte=at - DAY)


def _guard_new(
    rules: TalkRules, outside: list[str], text: str, at: datetime, written: QuerySet[Any] | None
) -> None:
    if outside and rules.links == Links.REFUSE:
        told = _("Who is new here writes without links to other sites at first. Take them out, and send it.")
        raise Refused(told, code="links", field="body")
    if len(outside) > rules.new_links:
        told = ngettext(
            "Who is new here writes at most %(most)d link at a time.",
            "Who is new here writes at most %(most)d links at a time.",
            rules.new_links,
        )
        raise Refused(told % {"most": rules.new_links}, code="new_member", field="body")
    if len(markdown.mentioned(text)) > rules.new_mentions:
        told = ngettext(
            "Who is new here mentions at most %(most)d member at a time.",
            "Who is new here mentions at most %(most)d members at a time.",
            rules.new_mentions,
        )
        raise Refused(told % {"most": rules.new_mentions}, code="new_member", field="body")
    if written is not None and written.filter(created_at__gt=at - HOUR).count() >= rules.new_per_hour:
        told = _("Who is new here writes a little less at first. Take a breath, and go on later.")
        raise Refused(told, code="new_member")


def _listed(name: str, given: list[str]) -> list[str]:
    cleaned = [" ".join(str(one).replace("\x00", "").split())[:120] for one in given]
    if name == "domains":
        cleaned = [one.lower().split("//")[-1].split("/")[0].removeprefix("www.") for one in cleaned]
    kept = list(dict.fromkeys(one for one in cleaned if phrases.normal(one)))
    if len(kept) > MOST:
        raise Refused(_("At most %(most)d lines.") % {"most": MOST}, code="too_many", field=name)
    return kept
