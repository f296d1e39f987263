"""What the servers of these tests have besides the product: a tier with dues, as money will provide them."""

from django.apps import AppConfig

#: A tier of this name has dues.
WITH_DUES = "With dues"


class Browser(AppConfig):
    name = "tests.browser"

    def ready(self) -> None:
        from kernel import dues

        dues.provide(asks)


def asks(tier_id: int) -> bool:
    from members.models import Tier

    return Tier.objects.filter(pk=tier_id, name=WITH_DUES).exists()
