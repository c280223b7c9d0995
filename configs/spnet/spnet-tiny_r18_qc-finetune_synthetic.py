"""The small SPNet trained query-centric on labelled people: Table 8 in miniature.

    python tools/dataset_tools/make_synthetic.py --layout prw --out data/synthetic/prw
    python tools/train.py configs/spnet/spnet-tiny_r18_qc-finetune_synthetic.py

An epoch shows every picture twice, so half as many epochs show as many pictures as the
object-centric training does. Tests search query-centric as well.
"""

_base_ = "./spnet-tiny_r18_oc-finetune_synthetic.py"

model = dict(
    query_centric=True,
    train_pathway=dict(
        _delete_=True,
        type="mmpsearch.QueryCentricTraining",
        num_pairs=32,
        anchors_per_pair=64,
    ),
)
train_dataloader = dict(sampler=dict(views=2))
train_cfg = dict(max_epochs=6, val_interval=6)
val_cfg = dict(type="mmpsearch.QueryCentricValLoop")
test_cfg = dict(type="mmpsearch.QueryCentricTestLoop")
