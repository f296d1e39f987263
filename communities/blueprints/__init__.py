"""The shelf of community types: one file and one line each."""

from communities.blueprints.base import Blueprint
from communities.blueprints.brand import BRAND
from communities.blueprints.interest import INTEREST
from communities.blueprints.knowledge import KNOWLEDGE
from communities.blueprints.product import PRODUCT
from communities.blueprints.tool import TOOL
from kernel.registry import Registry

__all__ = ["Blueprint", "blueprints"]

blueprints: Registry[Blueprint] = Registry("community type")
for blueprint in (PRODUCT, INTEREST, BRAND, KNOWLEDGE, TOOL):
    blueprints.add(blueprint.key, blueprint)
