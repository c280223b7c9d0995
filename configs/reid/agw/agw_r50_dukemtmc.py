"""AGW, ResNet-50 (Ye et al., PAMI 2021) on DukeMTMC-reID.

Expected (rank-1 / mAP / mINP): 89.0 / 79.9 / 46.1,
fast-reid model zoo; hardware and time are not published.

    python tools/train.py configs/reid/agw/agw_r50_dukemtmc.py
"""

_base_ = [
    "../../_base_/datasets/reid_dukemtmc.py",
    "../../_base_/models/reid_agw_r50.py",
    "../../_base_/schedules/reid_120e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
