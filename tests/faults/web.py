"""The product's web application; with `FAULTS_UNLOCKED` the services' locks on places are taken away, which the product
cannot: the control of scenarios 16 and 17."""

import os
from typing import Any

from crowdecon.wsgi import application

__all__ = ["application"]


def _unlocked(rows: Any) -> Any:
    return rows


if os.environ.get("FAULTS_UNLOCKED"):
    from gatherings.services import parties, seats, waitlist

    for service in (parties, seats, waitlist):
        service.locked = service.held = _unlocked  # type: ignore[assignment]
