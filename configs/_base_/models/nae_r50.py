"""NAE: a shared conv5, norm-aware embeddings of 256 numbers, OIM loss."""

_base_ = "./two_stage_r50.py"

model = dict(
    search_head=dict(
        type="mmpsearch.NAEHead",
        stage=dict(
            type="mmpsearch.RegionStage",
            init_cfg=dict(type="mmpsearch.Named", name="resnet50_imagenet"),
        ),
        sampling=dict(negative_iou=0.1),
    ),
    reid_loss=dict(
        type="mmpsearch.OIMLoss",
        embed_dims=256,
        mean_over_labelled=True,
        opposite_when_empty=False,
    ),
)
