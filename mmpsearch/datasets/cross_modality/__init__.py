from mmpsearch.datasets.cross_modality.base import CrossModalityDataset
from mmpsearch.datasets.cross_modality.regdb import RegDB
from mmpsearch.datasets.cross_modality.sysu_mm01 import SYSUMM01

__all__ = ["CrossModalityDataset", "RegDB", "SYSUMM01"]
