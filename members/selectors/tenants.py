"""Communities, as far as people's floor needs to find one by itself: in commands, where no request brings it."""

from kernel.tenancy import Community
from members.models import ImportRun


def by_slug(slug: str) -> Community | None:
    """The community with that address. Its model lives above; our own foreign key leads there."""
    model = ImportRun._meta.get_field("community").related_model
    found: Community | None = model._default_manager.filter(slug=slug).first()  # type: ignore[union-attr]
    return found
