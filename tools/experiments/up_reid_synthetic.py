"""Do UP-ReID's two constraints help a small ResNet more than MoCo v2 does?

    python tools/experiments/up_reid_synthetic.py --jobs 2
    python tools/experiments/draw_tables.py

Renders unlabelled crops and the re-identification benchmark, pre-trains with MoCo v2,
with either constraint and with both for equally many epochs, probes the frozen
features, fine-tunes all alike and from scratch with 10, 25 and 100 % of the labelled
people, with several training seeds, and writes results/up_reid_synthetic.json. The
unlabelled people are none of the benchmark's, but in one row. In half of the rows each
crop stays before its own background. Finished steps are not repeated, a training that
was stopped goes on.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from pretraining_question import PretrainingQuestion, Row  # noqa: E402

from mmpsearch.utils.command_line import one_line_errors

MOCO = "configs/up_reid/moco_r18_pretrain_synthetic.py"
UP_REID = "configs/up_reid/up-reid_r18_pretrain_synthetic.py"
OWN = ("train_dataloader.dataset.pipeline.0.background=None",)
EXPERIMENT = PretrainingQuestion(
    name="up_reid_synthetic",
    question="At one budget of epochs and one fine-tuning, do the consistency "
    "constraint (CC), the intrinsic contrastive constraint (ICC) and both help more "
    "than MoCo v2 alone?",
    rows={
        "scratch": Row("from scratch"),
        "moco": Row("MoCo v2", MOCO),
        "up_reid": Row("UP-ReID (both)", UP_REID),
        "moco_own_background": Row("MoCo v2, own background", MOCO, OWN),
        "moco_overlap": Row(
            "MoCo v2, own background, the labelled people among the unlabelled",
            MOCO,
            OWN,
            crops="luperson-overlapping",
        ),
        "cc": Row("MoCo v2 + CC, own background", UP_REID, (*OWN, "model.grid=None")),
        "icc": Row(
            "MoCo v2 + ICC, own background",
            UP_REID,
            (*OWN, "model.consistency_weight=0"),
        ),
        "up_reid_own_background": Row("UP-ReID (both), own background", UP_REID, OWN),
    },
    differences=(
        ("moco", "scratch"),
        ("up_reid", "scratch"),
        ("up_reid", "moco"),
        ("moco", "moco_own_background"),
        ("up_reid", "up_reid_own_background"),
        ("moco_overlap", "moco_own_background"),
        ("cc", "moco_own_background"),
        ("icc", "moco_own_background"),
        ("up_reid_own_background", "moco_own_background"),
    ),
    untrained=MOCO,
    finetune="configs/up_reid/bot_r18_finetune_synthetic.py",
    prefix="online.backbone.",
    crops="train_dataloader.dataset.dataset",
)

if __name__ == "__main__":
    with one_line_errors():
        EXPERIMENT.main()
