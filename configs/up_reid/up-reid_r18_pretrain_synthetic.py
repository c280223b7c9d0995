"""A small UP-ReID on rendered crops of 64 x 32 pixels (not in the paper).

The network, the views and the schedule of moco_r18_pretrain_synthetic.py, whose
docstring says how its pictures are rendered; patches of 16 x 16 pixels. Expected and
measured numbers: see README.md beside this file. Minutes on two CPU cores.

    python tools/train.py configs/up_reid/up-reid_r18_pretrain_synthetic.py

The consistency constraint alone: ``model.grid=None``. The intrinsic contrast alone:
``model.consistency_weight=0``.
"""

_base_ = "./moco_r18_pretrain_synthetic.py"
model = dict(type="mmpsearch.UPReID", grid=(4, 2))
view = dict(original=True)
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type="mmpsearch.ContrastViews", **{**_base_.view, **view}),
            dict(type="mmpsearch.PackViews"),
        ]
    )
)
