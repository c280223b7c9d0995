"""Training pipelines of methods for RGB and infrared that differ from AGW's.

A config names the one it wants beside a data set's own file. PIL's bilinear resizing
smooths what it shrinks, as the released codes do.
"""

# CAJ: the fill is (0.4914, 0.4822, 0.4465) behind the normalisation, as a BGR colour
# before it.
caj_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(
        type="mmcv.Resize", scale=(144, 288), interpolation="lanczos", backend="pillow"
    ),
    dict(type="mmpsearch.PadCrop", padding=10, pad_value=0),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.RandomErasing", prob=0.5, value=(129, 144, 152)),
    dict(type="mmpsearch.PackReIDInputs"),
]
# MPANet on SYSU-MM01, and with smaller images on RegDB
mpanet_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(128, 384), backend="pillow"),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.PadCrop", padding=10, pad_value=127),
    dict(type="mmpsearch.RandomErasing", prob=0.5, area=(0.02, 0.33), value="mean"),
    dict(type="mmpsearch.PackReIDInputs"),
]
mpanet_test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(128, 384), backend="pillow"),
    dict(type="mmpsearch.PackReIDInputs"),
]
mpanet_small_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(128, 256), backend="pillow"),
    *mpanet_pipeline[2:],
]
# variational distillation; without augmentation the test pipeline of 256 x 128 images
mutual_info_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(128, 256), backend="pillow"),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.PackReIDInputs"),
]
small_test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(128, 256), backend="pillow"),
    dict(type="mmpsearch.PackReIDInputs"),
]
