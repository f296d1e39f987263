"""Communities, as far as people's floor needs to find one by itself: in commands, where no request brings it."""

from typing import Any

from kernel.tenancy import Community
from members.models import ImportRun


def by_slug(slug: str) -> Community | None:
    """The community with that address. Its model lives above; our own foreign key leads there."""
    model: Any = ImportRun._meta.get_field("community").related_model
    found: Community | None = model.objects.filter(slug=slug).first()
    return found
