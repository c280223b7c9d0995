"""A small BoT on the rendered re-identification benchmark (not in the paper).

150 people in training, 80 others in testing, crops of 96 x 48 pixels. Expected and
measured numbers: see README.md beside this file. A few minutes on two CPU cores.

    python tools/dataset_tools/make_synthetic.py --layout market1501 \\
        --out data/synthetic/market1501
    python tools/train.py configs/reid/bot/bot_r18_synth.py
    python tools/test.py configs/reid/bot/bot_r18_synth.py \\
        work_dirs/bot_r18_synth/epoch_40.pth
"""

_base_ = [
    "../../_base_/datasets/reid_synthetic_market1501.py",
    "../../_base_/models/reid_bot_r18-narrow.py",
    "../../_base_/schedules/reid_synth_40e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
