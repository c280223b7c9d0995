"""Use a trained model: find people, keep galleries, search them, show the answer."""

from .crop_ranking import CropMatch, CropRanking, EmbeddedCrops, save_crop_report
from .detections import Detections, ModelFingerprint
from .errors import InputError
from .gallery_file import GalleryError
from .gallery_index import GalleryIndex
from .image_reading import ImageReadError, read_image
from .image_sources import SourceImage, iter_images, iter_video, list_files
from .model_loading import ModelLoadError
from .person_search import Query, read_query, search_person, update_gallery
from .person_search_inferencer import PersonSearchInferencer
from .query_boxes import QueryBoxError
from .reading_report import ReadingReport
from .reid_inferencer import ReIDInferencer
from .search_report import make_ranked_list, result_table, save_report
from .search_result import Match, SearchResult
from .threshold import ThresholdReport, suggest_threshold

__all__ = [
    "CropMatch",
    "CropRanking",
    "Detections",
    "EmbeddedCrops",
    "GalleryError",
    "GalleryIndex",
    "ImageReadError",
    "InputError",
    "Match",
    "ModelFingerprint",
    "ModelLoadError",
    "PersonSearchInferencer",
    "Query",
    "QueryBoxError",
    "ReIDInferencer",
    "ReadingReport",
    "SearchResult",
    "SourceImage",
    "ThresholdReport",
    "iter_images",
    "iter_video",
    "list_files",
    "make_ranked_list",
    "read_image",
    "read_query",
    "result_table",
    "save_crop_report",
    "save_report",
    "search_person",
    "suggest_threshold",
    "update_gallery",
]
