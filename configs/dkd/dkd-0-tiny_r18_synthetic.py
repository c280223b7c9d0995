"""A small DKD on the rendered benchmark (not in the paper): Ours-0, no distillation.

Expected and measured numbers: docs/two_stage.md. Render the data first:

    python tools/dataset_tools/make_synthetic.py --layout prw --out data/synthetic/prw
    python tools/train.py configs/dkd/dkd-0-tiny_r18_synthetic.py
"""

_base_ = [
    "../_base_/models/dkd_r18.py",
    "../_base_/datasets/synthetic_prw.py",
    "../_base_/pipelines/distillation.py",
    "../_base_/schedules/spnet-tiny.py",
    "../_base_/default_runtime.py",
]

model = dict(reid_loss=dict(num_identities={{_base_.num_identities}}))
