"""Two-step search: DKD's detector, and its teacher on what the detector finds."""

_base_ = "./dkd_r50.py"

model = dict(
    _delete_=True,
    type="mmpsearch.TwoStepSearch",
    data_preprocessor={{_base_.data_preprocessor}},
    detector=dict(
        type="mmpsearch.TwoStageSearch",
        backbone={{_base_.model.backbone}},
        rpn_head={{_base_.model.rpn_head}},
        search_head={{_base_.model.search_head}},
        search={{_base_.model.search}},
    ),
    reid={{_base_.model.teacher}},
)
