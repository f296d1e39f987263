"""How the payer is to pay, as it is kept in a row and told to pages and programs."""

from datetime import timedelta
from typing import Any

from commerce.providers.base import InApp, Instructions, Presentation, QrCode, Redirect

#: What the payer does by themselves, in their own time: no provider knows of it.
INSTRUCTIONS = "instructions"
#: What can be used for less long than the way to pay is open: an order in WeChat's own browser for two hours.
SHORT_LIVED = {"in_app": timedelta(minutes=110)}


def written(shown: Presentation) -> dict[str, Any]:
    """`kind` says which of them it is: redirect (`url`), qr (`content`), in_app (`parameters`), instructions (`lines`, each
    a label and a value in the language that is active)."""
    match shown:
        case Redirect(url=url):
            return {"kind": "redirect", "url": url}
        case QrCode(content=content):
            return {"kind": "qr", "content": content}
        case InApp(parameters=parameters):
            return {"kind": "in_app", "parameters": dict(parameters)}
        case Instructions(lines=lines):
            return {"kind": INSTRUCTIONS, "lines": [[str(label), value] for label, value in lines]}
