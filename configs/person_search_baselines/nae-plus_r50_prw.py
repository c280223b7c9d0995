"""NAE+, pixel-wise norms, ResNet-50 (Chen et al., CVPR 2020) on PRW.

Expected (mAP / top-1): 44.0 / 81.1, its paper. Hardware and time are not published.

    python tools/train.py configs/person_search_baselines/nae-plus_r50_prw.py
"""

_base_ = "./nae_r50_prw.py"

model = dict(search_head=dict(pixel_wise=True))
