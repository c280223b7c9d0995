"""MoCo v2 with ResNet-50, as LUPerson trains it; UP-ReID adds its fields.

Colours are normalised by LUPerson's own statistics.
"""

model = dict(
    type="mmpsearch.MoCo",
    data_preprocessor=dict(
        type="mmpsearch.ViewsPreprocessor",
        mean=[89.8875, 79.203, 80.07],
        std=[67.83, 64.311, 63.8775],
    ),
    backbone=dict(
        type="mmpretrain.ResNet",
        depth=50,
        out_indices=(3,),
        zero_init_residual=False,
        init_cfg=dict(type="mmpsearch.Named", name="scratch"),
    ),
    neck=dict(
        type="mmpretrain.MoCoV2Neck",
        in_channels=2048,
        hid_channels=2048,
        out_channels=128,
    ),
    embed_dims=128,
    queue_size=65536,
    temperature=0.1,
    momentum=0.999,
)
