"""A small NAE on the rendered benchmark (not in the paper), trained on a CPU.

Expected and measured numbers: docs/two_stage.md. Render the data first:

    python tools/dataset_tools/make_synthetic.py --layout prw --out data/synthetic/prw
    python tools/train.py configs/person_search_baselines/nae-tiny_r18_synthetic.py
"""

_base_ = "./oim-tiny_r18_synthetic.py"

model = dict(
    search_head=dict(
        _delete_=True,
        type="mmpsearch.NAEHead",
        embed_dims=96,
        stage={{_base_.stage}},
        sampling={{_base_.sampling}},
    ),
    reid_loss=dict(scale=20),
)
val_evaluator = dict(confidence_weighted=True)
test_evaluator = val_evaluator
