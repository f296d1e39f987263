"""An independent oracle for the figures: brute force from raw rows, straight from the written definitions.

Nothing of the product is imported here. The only sources are the design's `metrics.md`, `interfaces.md` and
`domain.md`; where they leave room, the docstring of the figure says which reading is taken ("Reading:").
"""

from .figures import figure
from .network import best_modularity, modularity_of
from .people import scores, stages
from .world import Community, from_csv, from_rows

__all__ = [
    "Community",
    "best_modularity",
    "figure",
    "from_csv",
    "from_rows",
    "modularity_of",
    "scores",
    "stages",
]
