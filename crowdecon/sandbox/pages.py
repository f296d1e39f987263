"""What a payer sees: plain pages that need no script."""

from html import escape

from crowdecon.sandbox.bank import NEVER, NOT_CONFIRMED, NOT_NOW
from crowdecon.sandbox.store import Row
from crowdecon.sandbox.words import Words
from kernel.money import Money

DECLINED = {
    NOT_NOW: "There is not enough money on the card now. Nothing was taken.",
    NEVER: "Your bank refuses this card for good. Nothing was taken.",
    NOT_CONFIRMED: "You did not confirm it. Nothing was taken.",
}


def shell(title: str, body: str, say: Words, *, kind: str = "till") -> str:
    """A page with this body; `title` and `body` are HTML."""
    return (
        f'<!doctype html><html lang="{say.lang}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><link rel="stylesheet" href="/style.css"></head>'
        f'<body><main class="{kind}">{body}</main></body></html>'
    )


def price(amount: int, currency: str) -> str:
    return f"<b>{Money(amount, currency).decimal:,f}</b> <span>{escape(currency)}</span>"


def _till(title: str, account: Row, payment: Row, say: Words, body: str) -> str:
    """What is paid to whom, above what is asked of the payer."""
    name = escape(account["name"])
    head = (
        f'<header><p class="who">{name}</p><p class="price">{price(payment["amount"], payment["currency"])}</p>'
        f'<p class="what">{escape(payment["description"])}</p></header>'
    )
    foot = f'<p class="small">{say("This is a trial: no money moves.")}</p>'
    return shell(f"{say(title)} · {name}", head + body + foot, say)


def pay(account: Row, payment: Row, say: Words) -> str:
    if payment["state"] in ("succeeded", "cancelled"):
        return over(account, payment, say)
    declined = DECLINED.get(payment["decline_code"])
    checked = " checked" if payment["save_mandate"] else ""
    body = (
        (f'<p class="bad" role="alert">{say(declined)}</p>' if declined else "")
        + f'<form method="post"><p class="card"><span>{say("Test card")}</span><b>•••• 4242</b></p>'
        f'<label class="tick"><input type="checkbox" name="save"{checked}>'
        f"<span>{say('Save this card for next time')}</span></label>"
        f'<button class="primary" name="ending" value="pay">{say("Pay")}</button>'
        f'<button class="quiet" name="ending" value="cancel">{say("Cancel")}</button>'
        f"<details><summary>{say('Or let it end another way')}</summary>"
        f'<button name="ending" value="soft_decline">{say("Not enough money on the card")}</button>'
        f'<button name="ending" value="hard_decline">{say("The card is refused for good")}</button>'
        f'<button name="ending" value="requires_action">{say("The bank asks to confirm")}</button>'
        "</details></form>"
    )
    return _till("Pay", account, payment, say, body)


def over(account: Row, payment: Row, say: Words) -> str:
    paid, back = payment["state"] == "succeeded", escape(payment["return_url"])
    title = "Paid" if paid else "Cancelled"
    rest = "Thank you. You can close this page." if paid else "Nothing was taken."
    body = (
        f'<h1 class="end {"good" if paid else ""}">{"✓" if paid else "×"} {say(title)}</h1><p>{say(rest)}</p>'
        + (f'<a class="button" href="{back}">{say("Back")}</a>' if back else "")
    )
    return _till(title, account, payment, say, body)


def confirm(account: Row, payment: Row, say: Words) -> str:
    body = (
        f"<h1>{say('Confirm with your bank')}</h1><p>{say('Is it you who pays?')}</p>"
        f'<form method="post"><button class="primary" name="ending" value="confirm">{say("Yes, confirm")}</button>'
        f'<button class="quiet" name="ending" value="refuse">{say("No")}</button></form>'
    )
    return _till("Confirm with your bank", account, payment, say, body)


def sorry(words: str, say: Words) -> str:
    """For whoever comes with an address or a form that is not understood; `words` is our own short reason."""
    rest = say("The address may be incomplete, or it is no longer valid.") if not words else escape(words)
    return shell("Sandbox", f"<h1>{say('There is nothing here.')}</h1><p>{rest}</p>", say)
