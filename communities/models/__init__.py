from communities.models.api_key import ApiKey
from communities.models.circle import Circle, CircleMembership
from communities.models.community import Community, JoinQuestion

__all__ = ["ApiKey", "Circle", "CircleMembership", "Community", "JoinQuestion"]
