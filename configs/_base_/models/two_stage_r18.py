"""Two-stage person search for people of 40 to 100 pixels, trained on a CPU.

A narrow ResNet-18 whose conv4 has stride 8, upright anchors, small regions: the
synthetic benchmark's model of OIM, NAE, SeqNet and DKD.
"""

data_preprocessor = dict(
    type="mmdet.DetDataPreprocessor",
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
    pad_size_divisor=32,
)
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
    type="mmpsearch.TwoStageSearch",
    data_preprocessor=data_preprocessor,
    backbone=dict(
        type="mmpsearch.StemResNet",
        depth=18,
        stem_channels=16,
        base_channels=16,
        strides=(1, 2, 1),
        norm_cfg=norm_cfg,
    ),
    rpn_head=dict(
        type="mmpsearch.ProposalHead",
        in_channels=64,
        feat_channels=64,
        anchor_generator=dict(
            type="mmdet.AnchorGenerator",
            # heights 38 to 150 pixels: people at scale 0.75
            scales=[2.8, 3.6, 4.8, 6.4, 8.8],
            ratios=[2.8],
            strides=[8],
        ),
        bbox_coder=dict(
            type="mmdet.DeltaXYWHBBoxCoder",
            target_means=[0.0, 0.0, 0.0, 0.0],
            target_stds=[1.0, 1.0, 1.0, 1.0],
        ),
        loss_cls=dict(type="mmdet.CrossEntropyLoss", use_sigmoid=True),
        loss_bbox=dict(type="mmdet.SmoothL1Loss", beta=1 / 9),
        train_cfg=dict(
            assigner=dict(
                type="mmdet.MaxIoUAssigner",
                iou_calculator=dict(type="mmdet.BboxOverlaps2D"),
                pos_iou_thr=0.6,
                neg_iou_thr=0.3,
                min_pos_iou=0.3,
                ignore_iof_thr=-1,
            ),
            sampler=dict(
                type="mmdet.RandomSampler",
                num=256,
                pos_fraction=0.5,
                neg_pos_ub=-1,
                add_gt_as_proposals=False,
            ),
            allowed_border=-1,
            pos_weight=-1,
            debug=False,
        ),
        test_cfg=dict(
            nms_pre=500,
            max_per_img=60,
            nms=dict(type="nms", iou_threshold=0.7),
            min_bbox_size=0,
        ),
    ),
    train_proposals=dict(nms_pre=500, max_per_img=100),
    search=dict(score_threshold=0.5, nms_iou=0.4, max_boxes=50),
    embed_ground_truth=True,
)
