"""BoT, ResNet-50 (Luo et al., CVPRW 2019) on DukeMTMC-reID.

Expected (rank-1 / mAP / mINP): 87.2 / 77.0 / 42.1,
fast-reid model zoo; hardware and time are not published.

    python tools/train.py configs/reid/bot/bot_r50_dukemtmc.py
"""

_base_ = [
    "../../_base_/datasets/reid_dukemtmc.py",
    "../../_base_/models/reid_bot_r50.py",
    "../../_base_/schedules/reid_120e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
