"""What a tester sees: an account's charges, what can be made to go wrong, and all that happened."""

from html import escape
from typing import Any

from crowdecon.sandbox.pages import price, shell
from crowdecon.sandbox.store import Row
from crowdecon.sandbox.words import Words

#: The faults in the order of the page, with how strongly they are switched on.
FAULTS = (
    ("delay", 5, "Answer five seconds late"),
    ("drop", 1, "Do it, then drop the connection"),
    ("error_before", 1, "Do nothing and answer 500"),
    ("error_after", 1, "Do it, then answer 500"),
    ("soft_decline", 1, "Decline for now (no money)"),
    ("hard_decline", 1, "Decline for good (lost card)"),
    ("requires_action", 1, "Ask the payer to confirm"),
    ("duplicate_webhook", 1, "Send a message twice"),
    ("reorder_webhooks", 1, "Send messages out of order"),
    ("lost_webhook", 1, "Lose a message"),
    ("refund_pending", 1, "Refunds take their time"),
    ("qr_code", 1, "Show a code to scan at a desk"),
)
#: How many of the latest are shown.
SHOWN = 50


def front(say: Words) -> str:
    about = "It takes payments as a real one does, and no money moves. Things go wrong in it when you ask for that."
    body = (
        f"<h1>{say('A payment provider for trials')}</h1><p>{say(about)}</p>"
        f'<form method="post" action="/accounts"><label>{say("Name")}'
        '<input name="name" maxlength="100" required></label>'
        f"<label>{say('Where messages are sent')}"
        '<input name="notify_url" type="url" placeholder="http://127.0.0.1:8000/hooks/"></label>'
        f'<button class="primary">{say("Open an account")}</button></form>'
    )
    return shell(say("A payment provider for trials"), body, say)


def typed(form: dict[str, str]) -> dict[str, Any]:
    """The fields of this page's forms as the JSON of the controls would say them."""
    asked: dict[str, Any] = dict(form)
    if "name" in form:
        asked["value"] = float(form["value"]) if form.get("value", "").isdecimal() else -1
        asked["times"] = 1 if form.get("times") == "once" else None
    for name in ("won", "succeeded"):
        asked[name] = form.get(name) == "yes"
    return asked


def page(account: Row, judged: dict[str, Any], say: Words) -> str:
    to = f"/control/{account['control']}"
    name = escape(account["name"])
    body = (
        f'<header><p class="who">{say("A payment provider for trials")}</p><h1>{name}</h1></header>'
        f"{_charges(judged, say)}{_faults(to, judged, say)}{_payments(to, judged, say)}{_refunds(to, judged, say)}"
        f"{_disputes(to, judged, say)}{_messages(to, judged, say)}"
        f'<section><form method="post" action="{to}/payouts">'
        f"<button>{say('Send the balance to the bank')}</button></form></section>{_keys(account, say)}"
    )
    return shell(f"{name} · {say('A payment provider for trials')}", body, say, kind="desk")


def _charges(judged: dict[str, Any], say: Words) -> str:
    """The judge's word: how many charges there were, and how many references were charged more than once."""
    references = [charge["reference"] for charge in judged["charges"]]
    twice = len(references) - len(set(references))
    shade = "bad" if twice else "good"
    return (
        f'<section class="tiles"><p><b>{len(references)}</b> {say("Charges")}</p>'
        f'<p class="{shade}"><b>{twice}</b> {say("Charged twice")}</p></section>'
    )


def _faults(to: str, judged: dict[str, Any], say: Words) -> str:
    on = {fault["name"]: fault for fault in judged["faults"]}
    rows = []
    for name, value, words in FAULTS:
        fault = on.get(name)
        if fault:
            left = f"{fault['times']}×" if fault["times"] else say("until switched off")
            off = _button(to, "faults", say("Switch off"), name=name, value=0)
            acts = f"<em>{say('on')}: {left}</em>{off}"
        else:
            acts = "".join(
                _button(to, "faults", say(often), name=name, value=value, times=often)
                for often in ("once", "until switched off")
            )
        rows.append(f"<li><span>{say(words)}</span><span>{acts}</span></li>")
    return (
        f"<section><h2>{say('What goes wrong')}</h2><p>{say('Nothing goes wrong until you switch it on.')}</p>"
        f"<ul>{''.join(rows)}</ul></section>"
    )


def _payments(to: str, judged: dict[str, Any], say: Words) -> str:
    disputed = {row["payment"] for row in judged["disputes"]}
    rows = []
    for row in reversed(judged["payments"][-SHOWN:]):
        left = row["captured"] > row["refunded"] and row["id"] not in disputed
        act = _button(to, "disputes", say("Dispute"), reference=row["id"]) if left else ""
        link = f'<a href="{escape(row["url"])}">{escape(row["reference"])}</a>'
        rows.append(_row(link, row, say, act))
    return _list("Payments", rows, say)


def _refunds(to: str, judged: dict[str, Any], say: Words) -> str:
    rows = []
    for row in reversed(judged["refunds"][-SHOWN:]):
        acts = (
            _button(to, "refunds", say("Arrived"), idem=row["idem"], succeeded="yes")
            + _button(to, "refunds", say("Failed"), idem=row["idem"])
            if row["state"] == "pending"
            else ""
        )
        rows.append(_row(escape(row["idem"]), row, say, acts))
    return _list("Refunds", rows, say) if rows else ""


def _disputes(to: str, judged: dict[str, Any], say: Words) -> str:
    rows = []
    for row in reversed(judged["disputes"][-SHOWN:]):
        acts = (
            _button(to, "decide", say("Won"), dispute=row["id"], won="yes")
            + _button(to, "decide", say("Lost"), dispute=row["id"])
            if row["state"] == "open"
            else ""
        )
        rows.append(_row(escape(row["reference"]), row, say, acts))
    return _list("Disputes", rows, say) if rows else ""


def _messages(to: str, judged: dict[str, Any], say: Words) -> str:
    rows = []
    for event in reversed(judged["events"][-SHOWN:]):
        about = f"{escape(event['type'])} <small>{escape(event['data']['reference'])}</small>"
        rows.append(
            f"<li><span>{about}</span><span>{_button(to, 'send', say('Send again'), event=event['id'])}</span></li>"
        )
    return _list("Messages", rows, say)


def _keys(account: Row, say: Words) -> str:
    shown = (("Account", "id"), ("Key", "api_key"), ("Secret for messages", "webhook_secret"))
    rows = [f"<dt>{say(words)}</dt><dd>{escape(account[name])}</dd>" for words, name in shown]
    where = f"<dt>{say('Where messages are sent')}</dt><dd>{escape(account['notify_url']) or '–'}</dd>"
    return f"<section><h2>{say('Keys')}</h2><dl>{''.join(rows)}{where}</dl></section>"


def _row(name: str, row: dict[str, Any], say: Words, acts: str) -> str:
    about = f'<span class="sum">{price(row["amount"], row["currency"])}</span> <em>{say(row["state"])}</em>'
    return f"<li><span>{name}</span><span>{about}{acts}</span></li>"


def _list(title: str, rows: list[str], say: Words) -> str:
    body = f"<ul>{''.join(rows)}</ul>" if rows else f"<p>{say('Nothing yet.')}</p>"
    return f"<section><h2>{say(title)}</h2>{body}</section>"


def _button(to: str, act: str, words: str, **fields: Any) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(str(value))}">' for name, value in fields.items()
    )
    return f'<form method="post" action="{to}/{act}">{hidden}<button>{words}</button></form>'
