"""DKD's student and teacher for the rendered benchmark."""

_base_ = "./two_stage_r18.py"

model = dict(
    type="mmpsearch.DKD",
    search_head=dict(
        type="mmpsearch.DKDHead",
        detection_stage={{_base_.stage}},
        search_stage=dict(
            type="mmpsearch.RegionStage",
            depth=18,
            base_channels=16,
            stride=1,
            roi_size=(12, 6),
            map_stride=8,
        ),
        sampling={{_base_.sampling}},
    ),
    reid_loss=dict(type="mmpsearch.IdentityCrossEntropy", embed_dims=128),
    reid_weight=0.1,  # the paper's
    teacher=dict(
        type="mmpsearch.ReIDModel",
        data_preprocessor=dict(
            type="mmengine.ImgDataPreprocessor",
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            bgr_to_rgb=True,
        ),
        backbone=dict(
            type="mmpretrain.ResNet",
            depth=18,
            stem_channels=16,
            base_channels=16,
            strides=(1, 2, 2, 1),
            out_indices=(3,),
        ),
        neck=dict(type="mmpsearch.GlobalPoolNeck", pool="avg_max"),
        heads=dict(whole=dict(type="mmpsearch.EmbeddingHead", in_channels=128)),
    ),
)
