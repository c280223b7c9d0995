"""One-stream baseline of MMGL's Table II on SYSU-MM01.

Expected (rank-1 / mAP, all-search, single-shot): from scratch 26.29 / 27.28, from
ImageNet 43.66 / 43.70, from MMGL 52.65 / 51.48. Published on one RTX 2080 Ti; the time
is not.

    python tools/train.py configs/mmgl/one-stream_r50_sysu-mm01.py

Where it starts: see ``agw_r50_sysu-mm01.py``; MMGL's one-stream pre-training fits.
"""

_base_ = [
    "../_base_/cross_modality_runtime.py",
    "../_base_/datasets/sysu_mm01.py",
    "../_base_/models/cross_modality_one_stream_r50.py",
    "../_base_/schedules/cross_modality_81e.py",
]
model = dict(num_identities={{_base_.num_identities}})
