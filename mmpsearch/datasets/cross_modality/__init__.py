from .base import CrossModalityDataset
from .regdb import RegDB
from .sysu_mm01 import SYSUMM01

__all__ = ["CrossModalityDataset", "RegDB", "SYSUMM01"]
