"""Models and their parts, registered in ``mmpsearch.registry.MODELS``."""

from mmpsearch.models import (
    backbones,
    heads,
    losses,
    necks,
    person_search,
    reid,
    selfsup,
    unsupervised,
)

__all__ = [
    "backbones",
    "heads",
    "losses",
    "necks",
    "person_search",
    "reid",
    "selfsup",
    "unsupervised",
]
