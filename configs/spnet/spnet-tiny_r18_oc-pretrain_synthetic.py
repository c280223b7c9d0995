"""Object-centric pre-training of the small SPNet: what query-centric is compared with.

python tools/dataset_tools/make_synthetic.py --layout coco --out data/synthetic/coco
python tools/dataset_tools/make_synthetic.py --layout market1501 \\
    --out data/synthetic/market1501
python tools/train.py configs/spnet/spnet-tiny_r18_oc-pretrain_synthetic.py
"""

_base_ = "./spnet-tiny_r18_qc-pretrain_synthetic.py"

model = dict(
    query_centric=False,
    train_pathway=dict(
        _delete_=True, type="mmpsearch.ObjectCentricTraining", samples_per_image=256
    ),
)
