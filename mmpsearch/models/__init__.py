"""Models and their parts, registered in ``mmpsearch.registry.MODELS``."""

from . import (
    backbones,
    heads,
    losses,
    necks,
    person_search,
    reid,
    search_heads,
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
    "search_heads",
    "selfsup",
    "unsupervised",
]
