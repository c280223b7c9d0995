"""What finds people in pictures: models of any origin, or boxes that are given."""

from mmpsearch.apis.detectors.detector import Detector, FoundPeople
from mmpsearch.apis.detectors.given_boxes import GivenBoxes
from mmpsearch.apis.detectors.graph_detector import GraphDetector
from mmpsearch.apis.detectors.mmdet_detector import MMDetDetector
from mmpsearch.apis.detectors.torchvision_detector import TorchvisionDetector

__all__ = [
    "Detector",
    "FoundPeople",
    "GivenBoxes",
    "GraphDetector",
    "MMDetDetector",
    "TorchvisionDetector",
]
