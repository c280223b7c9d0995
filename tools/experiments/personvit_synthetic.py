"""Does PersonViT's pre-training help a small ViT, and do its masked patches?

    python tools/experiments/personvit_synthetic.py --jobs 2
    python tools/experiments/draw_tables.py

Renders unlabelled crops and the re-identification benchmark, pre-trains with DINO's
loss alone and with both losses, probes the frozen features, fine-tunes from scratch and
from either with 10, 25 and 100 % of the labelled people, with several training seeds,
and writes results/personvit_synthetic.json. The unlabelled people are none of the
benchmark's. Two further rows leave out what the small recipe adds to the published one:
views before other crops' backgrounds, and a wide position embedding. Finished steps are
not repeated, a training that was stopped goes on.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from pretraining_question import PretrainingQuestion, Row  # noqa: E402

from mmpsearch.utils.command_line import one_line_errors

PRETRAIN = "configs/personvit/personvit_vit-tiny_pretrain_synthetic.py"
OWN_BACKGROUND = ("train_dataloader.dataset.pipeline.0.background=None",)
PUBLISHED_POSITIONS = ("model.backbone.position_std=0.02",)
EXPERIMENT = PretrainingQuestion(
    name="personvit_synthetic",
    question="At one fine-tuning budget, does pre-training on unlabelled rendered "
    "crops help a small ViT, and do masked patches help it more than DINO alone?",
    rows={
        "scratch": Row("from scratch"),
        "dino": Row(
            "DINO (without masked patches in the loss)",
            PRETRAIN,
            ("model.patch_weight=0",),
        ),
        "personvit": Row("PersonViT (DINO and masked patches)", PRETRAIN),
        "personvit_own_background": Row(
            "PersonViT, each crop before its own background", PRETRAIN, OWN_BACKGROUND
        ),
        "scratch_published_positions": Row(
            "from scratch, published position embedding",
            options=PUBLISHED_POSITIONS,
            tuning=PUBLISHED_POSITIONS,
        ),
    },
    differences=(
        ("dino", "scratch"),
        ("personvit", "scratch"),
        ("personvit", "dino"),
        ("personvit", "personvit_own_background"),
    ),
    untrained=PRETRAIN,
    finetune="configs/personvit/personvit_vit-tiny_finetune_synthetic.py",
    prefix="teacher.backbone.",
    crops="train_dataloader.dataset.dataset",
)

if __name__ == "__main__":
    with one_line_errors():
        EXPERIMENT.main()
