"""A small UP-ReID on rendered crops of 64 x 32 pixels (not in the paper).

The network and the schedule of moco_r18_pretrain_synthetic.py; patches of 16 x 16
pixels. Expected and measured numbers: see README.md beside this file. Minutes on two
CPU cores.

    python tools/dataset_tools/make_synthetic.py --layout luperson --size 32x64 \\
        --identities 1000 --crops-per-identity 4 --out data/synthetic/luperson
    python tools/train.py configs/up_reid/up-reid_r18_pretrain_synthetic.py

The consistency constraint alone: ``model.grid=None``. The intrinsic contrast alone:
``model.consistency_weight=0``.
"""

_base_ = "./moco_r18_pretrain_synthetic.py"
model = dict(type="mmpsearch.UPReID", grid=(4, 2))
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type="mmpsearch.LoadImage"),
            dict(
                type="mmpsearch.ContrastViews",
                size=(64, 32),
                original=True,
                mean=(80.07, 79.203, 89.8875),
            ),
            dict(type="mmpsearch.PackViews"),
        ]
    )
)
