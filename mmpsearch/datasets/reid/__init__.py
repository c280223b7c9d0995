from ..io.errors import DataLayoutError
from .adaptation import AdaptationDataset
from .base import ReIDDataset
from .bounding_boxes import DukeMTMCReID, Market1501, OccludedDuke, PersonX
from .crops import Counts, Crops
from .cuhk03 import CUHK03
from .custom import CustomReID
from .joint import JointReIDDataset
from .luperson import LUPerson
from .msmt17 import MSMT17
from .scene_crops import SceneCrops

__all__ = [
    "AdaptationDataset",
    "CUHK03",
    "Counts",
    "Crops",
    "CustomReID",
    "DataLayoutError",
    "DukeMTMCReID",
    "JointReIDDataset",
    "LUPerson",
    "MSMT17",
    "Market1501",
    "OccludedDuke",
    "PersonX",
    "ReIDDataset",
    "SceneCrops",
]
