"""PersonViT's pre-training with ViT-S/16: shared head of 8,192 prototypes.

What the paper does not state follows iBOT's published recipe: temperatures, momentum,
centres, shares of masked patches.
"""

model = dict(
    type="mmpsearch.PersonViT",
    data_preprocessor=dict(type="mmpsearch.ViewsPreprocessor"),
    backbone=dict(
        type="mmpsearch.VisionTransformer",
        arch="small",
        image_size=(256, 128),
        drop_path=0.1,
        init_cfg=dict(type="mmpsearch.Named", name="scratch"),
    ),
    head=dict(
        type="mmpsearch.PrototypeHead",
        in_channels=384,
        prototypes=8192,
        shared=True,
        fixed_length=False,
    ),
    student_temperature=0.1,
    class_temperature=dict(start=0.04, end=0.07, epochs=30),
    patch_temperature=dict(start=0.04, end=0.07, epochs=30),
    momentum=0.996,
    class_weight=1.0,
    patch_weight=1.0,
)
