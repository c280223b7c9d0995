"""Two-stage person search on ResNet-50 C4: what OIM, NAE, SeqNet and DKD share.

Anchors, proposals and their losses are torchvision's, as in NAE and SeqNet.
"""

data_preprocessor = dict(
    type="mmdet.DetDataPreprocessor",
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
    pad_size_divisor=32,
)
model = dict(
    type="mmpsearch.TwoStageSearch",
    data_preprocessor=data_preprocessor,
    backbone=dict(
        type="mmpsearch.StemResNet",
        depth=50,
        freeze_first=True,
        init_cfg=dict(type="mmpsearch.Named", name="resnet50_imagenet"),
    ),
    rpn_head=dict(
        type="mmpsearch.ProposalHead",
        in_channels=1024,
        feat_channels=1024,
        anchor_generator=dict(
            type="mmpsearch.RoundedAnchorGenerator",
            scales=[2, 4, 8, 16, 32],
            ratios=[0.5, 1.0, 2.0],
            strides=[16],
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
                pos_iou_thr=0.7,
                neg_iou_thr=0.3,
                min_pos_iou=0.0,
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
            nms_pre=6000,
            max_per_img=300,
            nms=dict(type="nms", iou_threshold=0.7),
            min_bbox_size=0,
        ),
    ),
    train_proposals=dict(nms_pre=12000, max_per_img=2000),
    search=dict(score_threshold=0.5, nms_iou=0.4, max_boxes=300),
    embed_ground_truth=True,
)
