"""One writer per official layout."""

from mmpsearch.datasets.synthetic.writers.coco import write_coco
from mmpsearch.datasets.synthetic.writers.cuhk_sysu import write_cuhk_sysu
from mmpsearch.datasets.synthetic.writers.prw import write_prw

WRITERS = {"prw": write_prw, "cuhk_sysu": write_cuhk_sysu, "coco": write_coco}

__all__ = ["WRITERS", "write_coco", "write_cuhk_sysu", "write_prw"]
