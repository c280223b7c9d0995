from mmpsearch.structures.person_search_sample import PersonSearchSample
from mmpsearch.structures.reid_sample import ReIDSample
from mmpsearch.structures.search_protocol import (
    SearchProtocol,
    offsets_from_lengths,
    positives_from_ground_truth,
)

__all__ = [
    "PersonSearchSample",
    "ReIDSample",
    "SearchProtocol",
    "offsets_from_lengths",
    "positives_from_ground_truth",
]
