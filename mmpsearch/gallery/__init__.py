"""Galleries: who was seen, where and when; kept, searched, forgotten. No model."""

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.detections import Detections, ModelFingerprint
from mmpsearch.gallery.filters import Where, where
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.gallery_index import GalleryIndex
from mmpsearch.gallery.records import Records, camera_name
from mmpsearch.gallery.scene_search import SceneFilter
from mmpsearch.gallery.search_result import Match, SearchResult
from mmpsearch.gallery.seen_on_all import SeenOnAll, seen_on_all
from mmpsearch.gallery.threshold import ThresholdReport, suggest_threshold

__all__ = [
    "Detections",
    "Gallery",
    "GalleryError",
    "GalleryIndex",
    "Match",
    "ModelFingerprint",
    "Records",
    "SceneFilter",
    "SearchResult",
    "SeenOnAll",
    "ThresholdReport",
    "Where",
    "camera_name",
    "seen_on_all",
    "suggest_threshold",
    "where",
]
