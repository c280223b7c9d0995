"""MMGL: two stems, permutation recovery, cycle contrast and places of six stripes.

What the paper leaves open has the defaults of docs/mmgl.md, all of them options here:
``permutation_loss``, ``cycle_loss`` and the weights. Trained from scratch.
"""

model = dict(
    type="mmpsearch.MMGL",
    num_stripes=6,
    data_preprocessor=dict(type="mmpsearch.StripeShufflePreprocessor"),
    backbone=dict(
        type="mmpsearch.TwoStreamResNet",
        depth=50,
        init_cfg=dict(type="mmpsearch.Named", name="scratch"),
    ),
    permutation_head=dict(type="mmpsearch.PermutationHead", in_channels=2048),
    permutation_loss=dict(type="mmpsearch.PermutationReconstructionLoss"),
    part_neck=dict(
        type="mmpsearch.PartProjectionNeck", in_channels=2048, embed_dims=256
    ),
    cycle_loss=dict(
        type="mmpsearch.CycleContrastiveLoss",
        temperature=0.07,
        retrieval_temperature=0.07,
    ),
    cycle_weight=0.2,
    part_weight=1.0,
)
