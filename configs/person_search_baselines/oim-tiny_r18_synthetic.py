"""A small OIM on the rendered benchmark (not in the paper), trained on a CPU.

Expected and measured numbers: docs/two_stage.md. Render the data first:

    python tools/dataset_tools/make_synthetic.py --layout prw --out data/synthetic/prw
    python tools/train.py configs/person_search_baselines/oim-tiny_r18_synthetic.py
"""

_base_ = [
    "../_base_/models/two_stage_r18.py",
    "../_base_/datasets/synthetic_prw.py",
    "../_base_/schedules/spnet-tiny.py",
    "../_base_/default_runtime.py",
]

model = dict(
    search_head=dict(
        type="mmpsearch.OIMHead",
        embed_dims=96,
        norm=True,  # the published head has none
        stage={{_base_.stage}},
        sampling={{_base_.sampling}},
    ),
    reid_loss=dict(
        type="mmpsearch.OIMLoss",
        num_identities={{_base_.num_identities}},
        queue_size={{_base_.circular_queue_size}},
        embed_dims=96,
        scale=10,
        mean_over_labelled=True,
        opposite_when_empty=False,
    ),
)
