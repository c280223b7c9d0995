"""Use a trained model: find people, keep galleries, search them, show the answer."""

from mmpsearch.apis.crop_ranking import (
    CropMatch,
    CropRanking,
    EmbeddedCrops,
    save_crop_report,
)
from mmpsearch.apis.drawn_people import drawn_people_warning
from mmpsearch.apis.exported_search_inferencer import ExportedSearchInferencer
from mmpsearch.apis.gallery_update import update_gallery
from mmpsearch.apis.image_reading import ImageReadError, read_image
from mmpsearch.apis.image_sources import (
    SourceImage,
    iter_images,
    iter_video,
    list_files,
)
from mmpsearch.apis.load_inferencer import (
    load_detector,
    load_embedder,
    load_inferencer,
)
from mmpsearch.apis.model_arguments import add_model_arguments, load_from_arguments
from mmpsearch.apis.model_loading import ModelLoadError
from mmpsearch.apis.named_models import get_model
from mmpsearch.apis.person_search import (
    Query,
    read_query,
    scene_filter_of,
    search_person,
)
from mmpsearch.apis.person_search_inferencer import PersonSearchInferencer
from mmpsearch.apis.query_boxes import QueryBoxError
from mmpsearch.apis.reading_report import ReadingReport
from mmpsearch.apis.reid_inferencer import ReIDInferencer
from mmpsearch.apis.result_table import print_result, result_table
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.search_json import result_as_dict, save_json
from mmpsearch.apis.search_report import make_ranked_list, save_report
from mmpsearch.apis.two_step_inferencer import TwoStepInferencer
from mmpsearch.errors import GalleryError, InputError
from mmpsearch.gallery.detections import Detections, ModelFingerprint
from mmpsearch.gallery.gallery_index import GalleryIndex
from mmpsearch.gallery.search_result import Match, SearchResult
from mmpsearch.gallery.threshold import ThresholdReport, suggest_threshold

__all__ = [
    "CropMatch",
    "CropRanking",
    "Detections",
    "EmbeddedCrops",
    "ExportedSearchInferencer",
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
    "SceneInferencer",
    "SearchResult",
    "SourceImage",
    "ThresholdReport",
    "TwoStepInferencer",
    "add_model_arguments",
    "drawn_people_warning",
    "get_model",
    "iter_images",
    "iter_video",
    "list_files",
    "load_detector",
    "load_embedder",
    "load_from_arguments",
    "load_inferencer",
    "make_ranked_list",
    "print_result",
    "read_image",
    "read_query",
    "result_as_dict",
    "result_table",
    "save_crop_report",
    "save_json",
    "save_report",
    "scene_filter_of",
    "search_person",
    "suggest_threshold",
    "update_gallery",
]
