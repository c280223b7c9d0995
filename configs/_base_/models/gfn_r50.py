"""SeqNeXt with a gallery filter network: the published final models."""

_base_ = "./seqnext_r50.py"

model = dict(
    type="mmpsearch.GFN",
    scene_stage={{_base_.stage}},
    objective="combined",
    scene_table=dict(positives=1, hard_negatives=1),
)
