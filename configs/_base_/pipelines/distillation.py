"""Pipelines of DKD's students and teachers; a config names the one it wants."""

# sides of at least 800 and at most 1,333 pixels; crops of 256 x 128 for the teacher
pipeline_800 = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.CutTeacherCrops", size=(256, 128)),
    dict(type="mmpsearch.WindowResize", short=800, long=1333),
    dict(type="mmpsearch.RandomHorizontalFlip", prob=0.5),
    dict(type="mmpsearch.PackDistillationInputs"),
]
test_pipeline_800 = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.WindowResize", short=800, long=1333),
    dict(type="mmpsearch.PackPersonSearchInputs"),
]
# two-step search crops from the raw image
two_step_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.KeepRawImage"),
    dict(type="mmpsearch.WindowResize", short=800, long=1333),
    dict(type="mmpsearch.PackWithRawImage"),
]
# the exact box, then padded and cropped; R-2: the box shifted in its image (ISA)
teacher_pipeline_r1 = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.CropPerson"),
    dict(type="mmcv.Resize", scale=(128, 256)),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.PadCrop", padding=10),
    dict(type="mmpsearch.RandomErasing", prob=0.5, value="mean"),
    dict(type="mmpsearch.PackReIDInputs"),
]
teacher_pipeline_r2 = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.CropPerson", shifted=True),
    dict(type="mmcv.Resize", scale=(128, 256)),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.RandomErasing", prob=0.5, value="mean"),
    dict(type="mmpsearch.PackReIDInputs"),
]
# rendered people: 168 x 252, crops of 96 x 48
pipeline_synthetic = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.CutTeacherCrops", size=(96, 48), padding=4),
    dict(type="mmpsearch.WindowResize", short=168, long=252),
    dict(type="mmpsearch.RandomScaleShift", scale_range=(0.8, 1.25)),
    dict(type="mmpsearch.RandomHorizontalFlip", prob=0.5),
    dict(type="mmpsearch.ColorJitter"),
    dict(type="mmpsearch.PackDistillationInputs"),
]
teacher_pipeline_synthetic = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.CropPerson", shifted=True, size=(96, 48), padding=4),
    dict(type="mmcv.Resize", scale=(48, 96)),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.ColorJitter"),
    dict(type="mmpsearch.RandomErasing", prob=0.3, value="mean"),
    dict(type="mmpsearch.PackReIDInputs"),
]
