"""BoT, ResNet-50 (Luo et al., CVPRW 2019) on Market-1501.

Expected (rank-1 / mAP / mINP): 94.4 / 86.1 / 59.4,
fast-reid model zoo; hardware and time are not published.

    python tools/train.py configs/reid/bot/bot_r50_market1501.py
"""

_base_ = [
    "../../_base_/datasets/reid_market1501.py",
    "../../_base_/models/reid_bot_r50.py",
    "../../_base_/schedules/reid_120e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
