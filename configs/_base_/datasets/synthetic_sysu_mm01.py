"""The rendered benchmark in SYSU-MM01's layout: 150 people in training, 60 others.

Rendered by ``make_synthetic.py --layout sysu_mm01 --out data/synthetic/sysu_mm01``:
2,700 crops of 96 x 48 pixels of the people of ``trainval`` (37 of whom are ``val``);
360 infrared queries and 720 visible pictures of the test people. Six stripes divide
their height. One worker, for two cores.
"""

_base_ = "./sysu_mm01.py"

num_identities = 150

resize = dict(type="mmcv.Resize", scale=(48, 96))
train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    resize,
    dict(type="mmpsearch.PadCrop", padding=4),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.PackReIDInputs"),
]
test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    resize,
    dict(type="mmpsearch.PackReIDInputs"),
]
dataset = dict(data_root="data/synthetic/sysu_mm01")
train_dataloader = dict(num_workers=1, dataset=dict(pipeline=train_pipeline, **dataset))
val_dataloader = dict(
    batch_size=64, num_workers=1, dataset=dict(pipeline=test_pipeline, **dataset)
)
test_dataloader = val_dataloader
