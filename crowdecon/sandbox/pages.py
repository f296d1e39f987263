"""What a payer and a tester see: plain pages that need no script."""

from html import escape
from typing import Any

from crowdecon.sandbox.store import Row
from kernel.money import Money

CHINESE = {
    "Pay": "支付",
    "This is a trial: no money moves.": "这是试用环境，不会动用真实资金。",
    "Save this card for next time": "保存这张卡，下次直接付款",
    "Cancel": "取消",
    "Or let it end another way": "或者换一种结果",
    "Not enough money on the card": "卡内余额不足",
    "The card is refused for good": "卡片已被永久拒绝",
    "The bank asks to confirm": "银行要求确认",
    "There is not enough money on the card now. Nothing was taken.": "卡内余额暂时不足，没有扣款。",
    "Your bank refuses this card for good. Nothing was taken.": "银行拒绝了这张卡，没有扣款。",
    "You did not confirm it. Nothing was taken; try again.": "你没有确认，没有扣款。请再试一次。",
    "Paid": "已支付",
    "Cancelled": "已取消",
    "Nothing was taken.": "没有扣款。",
    "Thank you. You can close this page.": "谢谢，可以关闭此页面。",
    "Back": "返回",
    "Confirm with your bank": "向银行确认",
    "Is it you who pays?": "是你本人在付款吗？",
    "Yes, confirm": "是，确认付款",
    "No": "不是",
    "Test card": "测试卡",
}
DECLINED = {
    "insufficient_funds": "There is not enough money on the card now. Nothing was taken.",
    "lost_card": "Your bank refuses this card for good. Nothing was taken.",
    "authentication_failed": "You did not confirm it. Nothing was taken; try again.",
}


class Words:
    """The payer's language: Chinese or English."""

    def __init__(self, language: str) -> None:
        self.chinese = language.lower().startswith("zh")

    @property
    def lang(self) -> str:
        return "zh-Hans" if self.chinese else "en"

    def __call__(self, words: str) -> str:
        return escape(CHINESE[words] if self.chinese else words)


def shell(title: str, body: str, lang: str, *, wide: bool = False) -> str:
    return (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><link rel="stylesheet" href="/style.css">'
        f"<main{' class=wide' if wide else ''}>{body}</main></html>"
    )


def _price(payment: Row) -> str:
    money = Money(payment["amount"], payment["currency"])
    return f'<p class="price"><b>{money.decimal:,f}</b> <span>{escape(money.currency)}</span></p>'


def _head(account: Row, payment: Row) -> str:
    return (
        f'<header><p class="who">{escape(account["name"])}</p>{_price(payment)}'
        f'<p class="what">{escape(payment["description"])}</p></header>'
    )


def pay(account: Row, payment: Row, say: Words) -> str:
    if payment["state"] in ("succeeded", "cancelled"):
        return over(account, payment, say)
    warning = DECLINED.get(payment["decline_code"])
    body = (
        _head(account, payment)
        + (f'<p class="bad" role="alert">{say(warning)}</p>' if warning else "")
        + f'<form method="post"><p class="card"><span>{say("Test card")}</span> <b>Visa •••• 4242</b></p>'
        f'<label><input type="checkbox" name="save"{" checked" if payment["save_mandate"] else ""}> '
        f"{say('Save this card for next time')}</label>"
        f'<button class="primary" name="ending" value="pay">{say("Pay")}</button>'
        f'<button class="quiet" name="ending" value="cancel">{say("Cancel")}</button>'
        f"<details><summary>{say('Or let it end another way')}</summary>"
        f'<button name="ending" value="soft_decline">{say("Not enough money on the card")}</button>'
        f'<button name="ending" value="hard_decline">{say("The card is refused for good")}</button>'
        f'<button name="ending" value="requires_action">{say("The bank asks to confirm")}</button>'
        f'</details></form><p class="small">{say("This is a trial: no money moves.")}</p>'
    )
    return shell(f"{say('Pay')} · {escape(account['name'])}", body, say.lang)


def over(account: Row, payment: Row, say: Words) -> str:
    paid = payment["state"] == "succeeded"
    title = say("Paid" if paid else "Cancelled")
    sign = "✓" if paid else "×"
    rest = say("Thank you. You can close this page." if paid else "Nothing was taken.")
    back = payment["return_url"]
    body = (
        f'{_head(account, payment)}<p class="{"good" if paid else "quiet"} end">{sign} {title}</p><p>{rest}</p>'
        + (f'<a class="button" href="{escape(back)}">{say("Back")}</a>' if back else "")
    )
    return shell(f"{title} · {escape(account['name'])}", body, say.lang)


def confirm(account: Row, payment: Row, say: Words) -> str:
    body = (
        f"{_head(account, payment)}<h1>{say('Confirm with your bank')}</h1><p>{say('Is it you who pays?')}</p>"
        f'<form method="post"><button class="primary" name="ending" value="confirm">{say("Yes, confirm")}</button>'
        f'<button class="quiet" name="ending" value="refuse">{say("No")}</button></form>'
        f'<p class="small">{say("This is a trial: no money moves.")}</p>'
    )
    return shell(f"{say('Confirm with your bank')} · {escape(account['name'])}", body, say.lang)


def front(address: str) -> str:
    body = (
        "<h1>Sandbox</h1><p>A payment provider for trials. No money moves.</p>"
        '<form method="post" action="/accounts"><label>Name<input name="name" value="Sandbox"></label>'
        '<label>Where word is sent<input name="notify_url" placeholder="http://127.0.0.1:8000/hooks/"></label>'
        '<button class="primary">Open an account</button></form>'
    )
    return shell("Sandbox", body, "en")


def typed(form: dict[str, str]) -> dict[str, Any]:
    """The control page's fields as its JSON would say them."""
    asked: dict[str, Any] = dict(form)
    if "value" in form:
        asked["value"] = float(form["value"] or 0)
    asked["times"] = 1 if form.get("times") == "once" else None
    asked["won"] = form.get("won") == "yes"
    return {name: value for name, value in asked.items() if name != "times" or "name" in form}


def control(account: Row, judged: dict[str, Any]) -> str:
    return shell("Sandbox", f"<h1>{escape(account['name'])}</h1>", "en", wide=True)
