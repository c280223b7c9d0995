"""SpCL: ResNet-50 without its last stride, GeM pooling, BNNeck (NeurIPS 2020)."""

data_preprocessor = dict(
    type="mmengine.ImgDataPreprocessor",
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
)
model = dict(
    type="mmpsearch.SpCL",
    data_preprocessor=data_preprocessor,
    backbone=dict(
        type="mmpretrain.ResNet",
        zero_init_residual=False,
        depth=50,
        strides=(1, 2, 2, 1),
        out_indices=(3,),
        init_cfg=dict(type="mmpsearch.Named", name="resnet50_imagenet"),
    ),
    neck=dict(type="mmpsearch.GlobalPoolNeck", pool="gem"),
    heads=dict(whole=dict(type="mmpsearch.EmbeddingHead", in_channels=2048)),
    temperature=0.05,
    momentum=0.2,
)
