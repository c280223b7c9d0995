"""Ranked search results as pictures and pages."""

from mmpsearch.visualization.attention import draw_attention
from mmpsearch.visualization.ranked_list import (
    RankedList,
    Sighting,
    crop_sighting,
    match_sighting,
    missing_sighting,
    query_sighting,
)
from mmpsearch.visualization.ranked_page import ranked_page, save_ranked_page
from mmpsearch.visualization.ranked_picture import (
    draw_ranked_list,
    save_ranked_picture,
    save_ranked_pictures,
)

__all__ = [
    "RankedList",
    "Sighting",
    "crop_sighting",
    "draw_attention",
    "draw_ranked_list",
    "match_sighting",
    "missing_sighting",
    "query_sighting",
    "ranked_page",
    "save_ranked_page",
    "save_ranked_picture",
    "save_ranked_pictures",
]
