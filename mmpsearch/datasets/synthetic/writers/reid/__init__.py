"""One writer per re-identification layout: it names the files and writes the lists.

A writer is a pair: ``name(options, drafts)`` returns the plan with paths (it may
double files), ``write(root, options, plan)`` writes what is not a picture and returns
counts.
"""

from mmpsearch.datasets.synthetic.writers.reid.bounding_boxes import (
    name_duke,
    name_market,
    name_personx,
    write_folders,
)
from mmpsearch.datasets.synthetic.writers.reid.cuhk03 import name_cuhk03, write_cuhk03
from mmpsearch.datasets.synthetic.writers.reid.luperson import (
    name_luperson,
    write_luperson,
)
from mmpsearch.datasets.synthetic.writers.reid.msmt17 import name_msmt17, write_msmt17
from mmpsearch.datasets.synthetic.writers.reid.regdb import name_regdb, write_regdb
from mmpsearch.datasets.synthetic.writers.reid.sysu_mm01 import (
    name_sysu_mm01,
    write_sysu_mm01,
)

CROP_WRITERS = {
    "market1501": (name_market, write_folders),
    "dukemtmc": (name_duke, write_folders),
    "occluded_duke": (name_duke, write_folders),
    "personx": (name_personx, write_folders),
    "msmt17": (name_msmt17, write_msmt17),
    "cuhk03": (name_cuhk03, write_cuhk03),
    "luperson": (name_luperson, write_luperson),
    "sysu_mm01": (name_sysu_mm01, write_sysu_mm01),
    "regdb": (name_regdb, write_regdb),
}

__all__ = ["CROP_WRITERS"]
