"""Pipelines of small rendered crops, 64 x 32 pixels, for training and testing."""

small_train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(32, 64)),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.PadCrop", padding=3),
    dict(type="mmpsearch.ColorJitter"),
    dict(type="mmpsearch.RandomErasing", prob=0.3, value="mean"),
    dict(type="mmpsearch.PackReIDInputs"),
]
small_test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(32, 64)),
    dict(type="mmpsearch.PackReIDInputs"),
]
