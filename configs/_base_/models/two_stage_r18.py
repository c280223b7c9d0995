"""Two-stage person search for people of 40 to 100 pixels, trained on a CPU.

A narrow ResNet-18 whose conv4 has stride 8, upright anchors, small regions: the
synthetic benchmark's model of OIM, NAE, SeqNet and DKD.
"""

_base_ = "./two_stage_r50.py"

norm_cfg = dict(type="mmpsearch.SafeBatchNorm2d")
sampling = dict(samples_per_image=32, negative_iou=0.4)
stage = dict(
    type="mmpsearch.RegionStage",
    depth=18,
    base_channels=16,
    stride=2,
    roi_size=(12, 6),
    map_stride=8,
)
model = dict(
    backbone=dict(
        _delete_=True,
        type="mmpsearch.StemResNet",
        depth=18,
        stem_channels=16,
        base_channels=16,
        strides=(1, 2, 1),
        norm_cfg=norm_cfg,
    ),
    rpn_head=dict(
        in_channels=64,
        feat_channels=64,
        anchor_generator=dict(
            type="mmdet.AnchorGenerator",
            # heights 38 to 150 pixels: people at scale 0.75
            scales=[2.8, 3.6, 4.8, 6.4, 8.8],
            ratios=[2.8],
            strides=[8],
        ),
        train_cfg=dict(assigner=dict(pos_iou_thr=0.6, min_pos_iou=0.3)),
        test_cfg=dict(nms_pre=500, max_per_img=60),
    ),
    train_proposals=dict(nms_pre=500, max_per_img=100),
    search=dict(max_boxes=50),
)
