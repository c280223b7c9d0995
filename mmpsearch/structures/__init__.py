from .person_search_sample import PersonSearchSample
from .search_protocol import (
    SearchProtocol,
    offsets_from_lengths,
    positives_from_ground_truth,
)

__all__ = [
    "PersonSearchSample",
    "SearchProtocol",
    "offsets_from_lengths",
    "positives_from_ground_truth",
]
