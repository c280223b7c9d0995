"""Pipelines of tall crops, 384 x 128 pixels: SBS, MGN, PCB and BDB train by their own.

Random erasing comes before the colours are normalised: ``mean`` is what erasing with 0
after it does.
"""

tall_resize = dict(
    type="mmcv.Resize", scale=(128, 384), interpolation="bicubic", backend="pillow"
)
sbs_train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    tall_resize,
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.AutoAugment", prob=0.1),
    dict(type="mmpsearch.PadCrop", padding=10),
    dict(type="mmpsearch.RandomErasing", prob=0.5, value="mean"),
    dict(type="mmpsearch.PackReIDInputs"),
]
mgn_train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    tall_resize,
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.PadCrop", padding=10),
    dict(type="mmpsearch.RandomErasing", prob=0.5, value="zero"),
    dict(type="mmpsearch.PackReIDInputs"),
]
pcb_train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    tall_resize,
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.PackReIDInputs"),
]
bdb_train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    tall_resize,
    dict(type="mmcv.RandomFlip", prob=0.5),
    # Cutout: a square of 64 pixels
    dict(type="mmpsearch.RandomErasing", prob=0.5, area=(1 / 12, 1 / 12), aspect=1.0),
    dict(type="mmpsearch.PackReIDInputs"),
]
tall_test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    tall_resize,
    dict(type="mmpsearch.PackReIDInputs"),
]

# What the configs of a recipe change in the loaders of their data set.
sbs_train = dict(dataset=dict(pipeline=sbs_train_pipeline))
mgn_train = dict(
    sampler=dict(num_identities=4, num_instances=16),
    dataset=dict(pipeline=mgn_train_pipeline),
)
pcb_train = dict(
    sampler=dict(_delete_=True, type="mmpsearch.ViewSampler"),
    dataset=dict(pipeline=pcb_train_pipeline),
)
bdb_train = dict(
    batch_size=128,
    sampler=dict(num_identities=32, num_instances=4),
    dataset=dict(pipeline=bdb_train_pipeline),
)
tall_test = dict(dataset=dict(pipeline=tall_test_pipeline))
