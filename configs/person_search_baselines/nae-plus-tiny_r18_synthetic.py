"""A small NAE+ on the rendered benchmark (not in the paper), trained on a CPU.

Expected and measured numbers: docs/two_stage.md. Render the data first:

    python tools/dataset_tools/make_synthetic.py --layout prw --out data/synthetic/prw
    python tools/train.py configs/person_search_baselines/nae-plus-tiny_r18_synthetic.py
"""

_base_ = "./nae-tiny_r18_synthetic.py"

model = dict(search_head=dict(pixel_wise=True))
