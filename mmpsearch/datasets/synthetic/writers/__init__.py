"""One writer per official layout."""

from .coco import write_coco
from .cuhk_sysu import write_cuhk_sysu
from .prw import write_prw

WRITERS = {"prw": write_prw, "cuhk_sysu": write_cuhk_sysu, "coco": write_coco}

__all__ = ["WRITERS", "write_coco", "write_cuhk_sysu", "write_prw"]
