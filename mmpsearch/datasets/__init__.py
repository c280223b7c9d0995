from .person_search import CUHKSYSU, PRW, COCOPersons, PersonSearchDataset
from .reid import (
    CUHK03,
    MSMT17,
    CustomReID,
    DukeMTMCReID,
    JointReIDDataset,
    LUPerson,
    Market1501,
    OccludedDuke,
    PersonX,
    ReIDDataset,
    SceneCrops,
)
from .samplers import IdentitySampler, SeededIndex, ViewSampler

__all__ = [
    "COCOPersons",
    "CUHK03",
    "CUHKSYSU",
    "CustomReID",
    "DukeMTMCReID",
    "IdentitySampler",
    "JointReIDDataset",
    "LUPerson",
    "MSMT17",
    "Market1501",
    "OccludedDuke",
    "PRW",
    "PersonSearchDataset",
    "PersonX",
    "ReIDDataset",
    "SceneCrops",
    "SeededIndex",
    "ViewSampler",
]
