"""The letters about dues: what is asked, what came, what failed, and what happens next and when."""

from django.utils.translation import gettext_lazy as _

from kernel import mails
from kernel.mails import Group, MailKind

INVOICE, RECEIPT, FAILED, REMINDER = "dues.invoice", "dues.receipt", "dues.failed", "dues.reminder"
TRIAL_ENDS, TERM_ENDS, ENDED = "dues.trial_ends", "dues.term_ends", "dues.ended"
GIFT, GIFT_BOUGHT = "gift.received", "gift.bought"
REWARD = "reward.given"
SEAT, FREE = "seat.offered", "dues.given"
CANCELLED, REFUNDED, TAKEN_BACK = "dues.cancelled", "dues.refunded", "dues.taken_back"
DISPUTED, DISPUTE_DECIDED = "money.disputed", "money.dispute_decided"


def register() -> None:
    money = {"amount": _("the amount"), "number": _("the invoice's number")}
    after = {"next": _("what happens next, and when")}
    plan = {"plan": _("the plan's name"), "day": _("the day it ends")}
    for kind in (
        MailKind(
            INVOICE,
            label=_("Invoice"),
            subject=_("{community}: your dues of {amount}"),
            body=_(
                "Hello {member},\n\nyour dues of {community} are {amount}, to be paid by {day}. You need not sign in:\n\n"
                "[Pay now]({url})\n\nInvoice {number}."
            ),
            placeholders={**money, "day": _("the day it is due")},
            notice=_("Your dues of {amount} are to be paid by {day}."),
        ),
        MailKind(
            RECEIPT,
            label=_("Payment received"),
            subject=_("{community}: {amount} received"),
            body=_(
                "Hello {member},\n\nthank you: {amount} for invoice {number} has been received.\n\n"
                "[See the receipt]({url})"
            ),
            placeholders=money,
        ),
        MailKind(
            FAILED,
            label=_("Payment failed"),
            subject=_("{community}: your payment of {amount} did not go through"),
            body=_(
                "Hello {member},\n\nthe payment of {amount} for your dues of {community} did not go through.\n\n{next}\n\n"
                "[Pay in another way]({url})"
            ),
            placeholders={**money, **after},
            notice=_("Your payment of {amount} did not go through."),
        ),
        MailKind(
            REMINDER,
            label=_("Dues are late"),
            subject=_("{community}: your dues of {amount} are still to be paid"),
            body=_(
                "Hello {member},\n\nyour dues of {amount} for {community} have not been paid yet.\n\n{next}\n\n"
                "[Pay now]({url})\n\nInvoice {number}."
            ),
            placeholders={**money, **after},
            notice=_("Your dues of {amount} are still to be paid."),
        ),
        MailKind(
            TRIAL_ENDS,
            label=_("A trial ends soon"),
            subject=_("{community}: your trial ends on {day}"),
            body=_(
                "Hello {member},\n\nyour trial of {plan} ends on {day}. Then your dues of {amount} are charged; if you "
                "would rather not, cancel before.\n\n[See your plan]({url})"
            ),
            placeholders={**plan, "amount": _("the amount")},
            notice=_("Your trial ends on {day}."),
        ),
        MailKind(
            TERM_ENDS,
            label=_("A term ends soon"),
            subject=_("{community}: {plan} ends on {day}"),
            body=_(
                "Hello {member},\n\n{plan} ends on {day}. Nothing is charged by itself: choose a plan to stay.\n\n"
                "[See the plans]({url})"
            ),
            placeholders=plan,
            notice=_("{plan} ends on {day}."),
        ),
        MailKind(
            GIFT_BOUGHT,
            label=_("A gift was paid for"),
            subject=_("{community}: your gift is ready"),
            body=_(
                "Hello {member},\n\nthank you: your gift of {plan} is paid. Its code is\n\n{code}\n\nSend the code on, or print "
                "the card. It can be taken until {day}.\n\n[See your gifts]({url})"
            ),
            placeholders={"plan": _("what is given"), "code": _("the gift's code"), "day": _("until when")},
            notice=_("Your gift of {plan} is paid: send it on, or print the card."),
        ),
        MailKind(
            REWARD,
            label=_("A reward for bringing a member"),
            subject=_("{community}: {amount} for you"),
            body=_(
                "Hello {member},\n\n{name} came by your invitation and has paid: {amount} are yours as credit, which pays your "
                "next dues by itself.\n\n[See your credit]({url})"
            ),
            placeholders={"amount": _("the amount"), "name": _("who was brought")},
            notice=_("{amount} for bringing {name}: it is your credit now."),
        ),
        MailKind(
            FREE,
            label=_("A plan free of charge"),
            subject=_("{community}: {plan} is yours"),
            body=_(
                "Hello {member},\n\n{community} gives you {plan}, {until}.\n\n{next}\n\n[See your plan]({url})"
            ),
            placeholders={
                "plan": _("the plan's name"),
                "until": _("until when"),
                "next": _("what happens next, and when"),
            },
            notice=_("{community} gives you {plan}, {until}."),
        ),
        MailKind(
            ENDED,
            label=_("A plan has ended"),
            subject=_("{community}: {plan} has ended"),
            body=_(
                "Hello {member},\n\n{plan} has ended, as said. You keep your number, and can come back at any time.\n\n"
                "[See the plans]({url})"
            ),
            placeholders={"plan": _("the plan's name")},
        ),
        MailKind(
            CANCELLED,
            label=_("A plan is cancelled"),
            subject=_("{community}: {plan} is cancelled"),
            body=_(
                "Hello {member},\n\n{plan} is cancelled, as asked. Everything stays yours until {day}; nothing is charged "
                "after it, and until then you can change your mind.\n\n[See your plan]({url})"
            ),
            placeholders={**plan, "day": _("the last day it is good for")},
        ),
        MailKind(
            REFUNDED,
            label=_("Payment sent back"),
            subject=_("{community}: {amount} goes back to you"),
            body=_(
                "Hello {member},\n\n{amount} of what you paid for invoice {number} goes back to you. {way}\n\n"
                "Why: {reason}\n\n{next}\n\n[See the invoice and what was taken back of it]({url})"
            ),
            placeholders={
                **money,
                "way": _("how it goes back"),
                "reason": _("the reason that staff gave"),
                "next": _("what becomes of the membership"),
            },
            notice=_("{amount} goes back to you."),
        ),
        MailKind(
            TAKEN_BACK,
            label=_("A payment has not come after all"),
            subject=_("{community}: {amount} is to be paid after all"),
            body=_(
                "Hello {member},\n\nwe had noted that {amount} came for invoice {number}. That was our mistake, and we are "
                "sorry: it is still to be paid. {next}\n\n[Pay now]({url})"
            ),
            placeholders={**money, **after},
            notice=_("We noted a payment of {amount} by mistake: it is still to be paid."),
        ),
    ):
        mails.add(_of_money(kind))
    who = {"payer": _("who paid"), "amount": _("the amount")}
    for kind in (
        MailKind(
            DISPUTED,
            label=_("A payment is disputed"),
            subject=_("{community}: {payer} disputes a payment of {amount}"),
            body=_(
                "Hello {member},\n\nthe bank of {payer} has taken back {amount}, or asks about it. You can answer with the "
                "payment provider until {due}: after that the money is lost.\n\n[See what to do]({url})"
            ),
            placeholders={**who, "due": _("the day by which evidence is due")},
            notice=_("{payer} disputes a payment of {amount}: answer until {due}."),
            permission="money.manage",
        ),
        MailKind(
            DISPUTE_DECIDED,
            label=_("A dispute is decided"),
            subject=_("{community}: the dispute about {amount} is decided"),
            body=_(
                "Hello {member},\n\nthe dispute with {payer} about {amount} is decided: {outcome}.\n\n[See it]({url})"
            ),
            placeholders={**who, "outcome": _("won or lost")},
            notice=_("The dispute with {payer} about {amount} is decided: {outcome}."),
            permission="money.manage",
        ),
    ):
        mails.add(MailKind(**{**vars(kind), "group": Group.MONEY}))
    mails.add(
        MailKind(
            GIFT,
            label=_("A gift has come"),
            subject=_("{giver} gives you {plan} at {community}"),
            body=_(
                "Hello {name},\n\n{giver} gives you {plan} at {community}.\n\n{message}\n\n[Open the gift]({url})\n\n"
                "It can be taken until {day}. Your address is used for this one letter and for nothing else."
            ),
            placeholders={
                "giver": _("who gives it"),
                "name": _("what the giver calls them"),
                "plan": _("what is given"),
                "message": _("what they wrote to it"),
                "day": _("until when"),
            },
            long=frozenset({"message"}),
            group=Group.MONEY,
            outside=True,
        )
    )
    mails.add(
        MailKind(
            SEAT,
            label=_("A seat in a group"),
            subject=_("{payer} has a seat for you at {community}"),
            body=_(
                "Hello,\n\n{payer} pays for a group at {community} and keeps a seat for you: {plan}. It costs you nothing.\n\n"
                "[Take the seat]({url})\n\nYour address is used for this one letter and for nothing else."
            ),
            placeholders={"payer": _("who pays for the group"), "plan": _("the plan's name")},
            group=Group.MONEY,
            outside=True,
        )
    )


def _of_money(kind: MailKind) -> MailKind:
    """What is owed and paid is told to everyone: such letters are not switched off."""
    return MailKind(**{**vars(kind), "optional": False, "group": Group.MONEY})
