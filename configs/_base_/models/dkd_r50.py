"""DKD's student: conv5 twice, for detection and for re-identification; softmax loss.

The teacher is BoT with softmax alone; its weights: ``model.teacher_checkpoint``.
"""

_base_ = "./two_stage_r50.py"

imagenet = dict(type="mmpsearch.Named", name="resnet50_imagenet")
frozen_bn = dict(type="BN", requires_grad=False)
model = dict(
    type="mmpsearch.DKD",
    backbone=dict(frozen_stages=1, norm_eval=True),
    search_head=dict(
        type="mmpsearch.DKDHead",
        detection_stage=dict(
            type="mmpsearch.RegionStage",
            stride=2,
            roi_size=(16, 8),
            sampling_ratio=0,
            aligned=True,
            norm_cfg=frozen_bn,
            frozen_norm=True,
            init_cfg=imagenet,
        ),
        search_stage=dict(
            type="mmpsearch.RegionStage",
            stride=1,
            roi_size=(16, 8),
            sampling_ratio=0,
            aligned=True,
            init_cfg=imagenet,
        ),
        sampling=dict(negative_iou=0.1),
    ),
    reid_loss=dict(type="mmpsearch.IdentityCrossEntropy", embed_dims=2048),
    reid_weight=0.1,
    teacher=dict(
        type="mmpsearch.ReIDModel",
        data_preprocessor=dict(
            type="mmengine.ImgDataPreprocessor",
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            bgr_to_rgb=True,
        ),
        backbone=dict(
            type="mmpretrain.ResNet", depth=50, strides=(1, 2, 2, 1), out_indices=(3,)
        ),
        neck=dict(type="mmpsearch.GlobalPoolNeck", pool="avg"),
        heads=dict(whole=dict(type="mmpsearch.EmbeddingHead", in_channels=2048)),
    ),
)
