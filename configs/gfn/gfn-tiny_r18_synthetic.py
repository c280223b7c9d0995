"""A small SeqNeXt + GFN on the rendered benchmark (not in the paper), on a CPU.

Render the data first:

    python tools/dataset_tools/make_synthetic.py --layout prw --out data/synthetic/prw
    python tools/train.py configs/gfn/gfn-tiny_r18_synthetic.py
"""

_base_ = "../person_search_baselines/nae-tiny_r18_synthetic.py"

model = dict(
    type="mmpsearch.GFN",
    scene_stage={{_base_.stage}},
    scene_table=dict(positives=1, hard_negatives=1),
    pool_size=28,
    search_head=dict(
        _delete_=True,
        type="mmpsearch.SeqNeXtHead",
        embed_dims=96,
        detection_stage={{_base_.stage}},
        search_stage={{_base_.stage}},
        sampling={{_base_.sampling}},
    ),
)
val_evaluator = dict(confidence_weighted=True, scene_filter=True)
test_evaluator = val_evaluator
