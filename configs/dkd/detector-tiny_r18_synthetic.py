"""The small DKD's detector on the rendered benchmark (not in the paper).

Its trunk and proposals are what tools/experiments/person_search_methods.py gives to
every method. Render the data first:

    python tools/dataset_tools/make_synthetic.py --layout prw --out data/synthetic/prw
    python tools/train.py configs/dkd/detector-tiny_r18_synthetic.py
"""

_base_ = "./dkd-0-tiny_r18_synthetic.py"

model = dict(reid_loss=None)
# the re-identification stage gets no gradient
find_unused_parameters = True
