"""The rendered benchmark in Market-1501's layout: 150 people in training, 80 others.

Rendered by ``make_synthetic.py --layout market1501 --out data/synthetic/market1501``:
1,200 training crops of 96 x 48 pixels under 4 cameras; 160 queries; a gallery of 480
crops and 60 distractors. One worker, for two cores.
"""

num_identities = 150

train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(48, 96)),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.PadCrop", padding=4),
    dict(type="mmpsearch.ColorJitter"),
    dict(type="mmpsearch.RandomErasing", prob=0.3, value="mean"),
    dict(type="mmpsearch.PackReIDInputs"),
]
test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(48, 96)),
    dict(type="mmpsearch.PackReIDInputs"),
]
dataset = dict(type="mmpsearch.Market1501", data_root="data/synthetic/market1501")
train_dataloader = dict(
    batch_size=48,
    num_workers=1,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type="mmpsearch.IdentitySampler", num_identities=12, num_instances=4),
    dataset=dict(split="train", pipeline=train_pipeline, **dataset),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type="mmengine.DefaultSampler", shuffle=False),
    dataset=dict(split="test", pipeline=test_pipeline, **dataset),
)
test_dataloader = val_dataloader
val_evaluator = dict(type="mmpsearch.ReIDMetric")
test_evaluator = val_evaluator
