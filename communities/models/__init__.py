from communities.models.api_key import ApiKey
from communities.models.circle import Circle, CircleMembership
from communities.models.community import Community, JoinQuestion
from communities.models.kept_answer import KeptAnswer

__all__ = ["ApiKey", "Circle", "CircleMembership", "Community", "JoinQuestion", "KeptAnswer"]
