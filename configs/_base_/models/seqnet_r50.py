"""SeqNet: two copies of conv5, one after the other; OIM loss."""

_base_ = "./two_stage_r50.py"

stage = dict(
    type="mmpsearch.RegionStage",
    init_cfg=dict(type="mmpsearch.Named", name="resnet50_imagenet"),
)
model = dict(
    search_head=dict(
        type="mmpsearch.SeqNetHead", detection_stage=stage, search_stage=stage
    ),
    reid_loss=dict(
        type="mmpsearch.OIMLoss",
        embed_dims=256,
        mean_over_labelled=True,
        opposite_when_empty=False,
    ),
)
