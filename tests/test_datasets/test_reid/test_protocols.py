"""Every test set through the loader and the metric, with known embeddings."""

import pytest
import torch
from mmengine.runner import Runner

from mmpsearch.datasets import JointReIDDataset
from mmpsearch.evaluation.metrics import ReIDMetric
from mmpsearch.registry import DATASETS

PIPELINE = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(16, 32)),
    dict(type="mmpsearch.PackReIDInputs"),
]
SETS = {
    "market1501": dict(type="mmpsearch.Market1501"),
    "dukemtmc": dict(type="mmpsearch.DukeMTMCReID"),
    "occluded_duke": dict(type="mmpsearch.OccludedDuke"),
    "msmt17": dict(type="mmpsearch.MSMT17"),
    "cuhk03": dict(type="mmpsearch.CUHK03", boxes="detected"),
    "personx": dict(type="mmpsearch.PersonX"),
}


def build(rendered, layout):
    config = dict(SETS[layout], data_root=str(rendered(layout)), split="test")
    return DATASETS.build(dict(config, pipeline=PIPELINE))


def evaluate(dataset, embed, **options):
    loader = Runner.build_dataloader(
        dict(
            dataset=dataset,
            batch_size=4,
            num_workers=0,
            sampler=dict(type="mmengine.DefaultSampler", shuffle=False),
        )
    )
    metric = ReIDMetric(ranks=(1,), **options)
    for batch in loader:
        assert batch["inputs"][0].shape == (3, 32, 16)
        for sample in batch["data_samples"]:
            sample.embedding = embed(sample)
        metric.process(batch, [s.to_dict() for s in batch["data_samples"]])
    return metric.evaluate(len(dataset))


def one_hot_person(sample):
    return torch.eye(64)[sample.person_id]


def one_hot_camera(sample):
    return torch.eye(64)[sample.camera_id]


@pytest.mark.parametrize("layout", SETS)
def test_perfect_embeddings_score_one_and_cameras_do_not(rendered, layout):
    dataset = build(rendered, layout)
    perfect = evaluate(dataset, one_hot_person)
    assert perfect["mAP"] == perfect["mINP"] == perfect["rank1"] == 1
    assert perfect["num_valid_queries"] == dataset.metainfo["num_queries"]
    assert evaluate(dataset, one_hot_camera)["mAP"] < 0.7


def test_several_targets_in_one_run(rendered):
    joint = JointReIDDataset(
        [build(rendered, name) for name in ("market1501", "msmt17")]
    )
    scores = evaluate(joint, one_hot_person)
    assert scores["market1501/mAP"] == scores["msmt17/rank1"] == 1


def test_classic_cuhk03(rendered):
    config = dict(SETS["cuhk03"], protocol="classic", pipeline=PIPELINE)
    config.update(data_root=str(rendered("cuhk03")), split="test")
    dataset = DATASETS.build(config)
    scores = evaluate(dataset, one_hot_person, single_gallery_shot=True)
    assert scores["rank1"] == 1 and scores["num_valid_queries"] == len(dataset) / 2
