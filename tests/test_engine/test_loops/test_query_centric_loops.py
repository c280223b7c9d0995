"""Query-centric tests of a small SPNet with random weights on rendered scenes."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from mmpsearch.datasets.synthetic import make_options, make_synthetic
from mmpsearch.errors import ConfigError
from mmpsearch.evaluation.functional import (
    PairDetections,
    query_centric_detection_metrics,
    query_centric_search_metrics,
)
from mmpsearch.utils.check_config import check_config
from tests.distributed import run_two_ranks

CONFIG = "configs/spnet/spnet-tiny_r18_oc-finetune_synthetic.py"
ROOT = Path(__file__).parents[3]
PEOPLE = dict(
    scenes=4,
    identities=4,
    test_identities=4,
    gallery_scenes=5,
    query_scenes=2,
    width=160,
    height=112,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("rendered")
    for layout in ("prw", "cuhk_sysu"):
        make_synthetic(make_options(layout, **PEOPLE), root / layout)
    return root


def small_config(data, work_dir, layout="prw", **changes):
    config = Config.fromfile(ROOT / CONFIG)
    dataset = {"prw": "mmpsearch.PRW", "cuhk_sysu": "mmpsearch.CUHKSYSU"}[layout]
    for name in ("train", "val", "test"):
        loader = config[f"{name}_dataloader"]
        loader.update(batch_size=1, num_workers=0, persistent_workers=False)
        loader.dataset.update(type=dataset, data_root=str(data / layout))
        if layout == "cuhk_sysu" and name != "train":
            loader.dataset.gallery_size = 50
    config.merge_from_dict(
        {
            "work_dir": str(work_dir),
            "experiment_name": Path(work_dir).name + layout,
            "log_level": "ERROR",
            "test_cfg.type": "mmpsearch.QueryCentricTestLoop",
            "val_cfg.type": "mmpsearch.QueryCentricValLoop",
            # random weights match everywhere
            "model.search": dict(max_anchors_per_query=4),
            "model.reid_loss.num_identities": 4,
            "model.pretrained": None,
            **changes,
        }
    )
    return config


def outcome(config):
    """The metrics of a test, and what its metric received."""
    runner = Runner.from_cfg(config)
    runner.test_loop.evaluator.metrics[0].dump = f"{config.work_dir}/found.npz"
    metrics = runner.test()
    return runner, metrics, dict(np.load(f"{config.work_dir}/found.npz"))


@torch.no_grad()
def one_by_one(runner, protocol, pairs):
    """Search for one query in one image at a time."""
    model, dataset = runner.model.eval(), runner.test_dataloader.dataset
    rows = []
    for query, image in pairs:
        own = dataset[int(protocol.query_images[query])]
        inputs = model.data_preprocessor(collate(own), False)
        boxes = own["data_samples"].query_instances
        boxes = boxes.bboxes[boxes.query_ids == query]
        embedding = model.box_embedder(
            model.extract(inputs["inputs"]), boxes, torch.zeros(1).long()
        )
        shown = dataset[image]
        features = model.extract(
            model.data_preprocessor(collate(shown), False)["inputs"]
        )
        sample = shown["data_samples"]
        found = model.search_image(features, sample.img_shape[:2], embedding)
        scale = torch.tensor(sample.scale_factor).repeat(2)
        similarities = torch.cosine_similarity(found.embeddings, embedding)
        for values in zip(found.boxes / scale, found.scores, similarities, strict=True):
            rows.append((query, image, *(value.numpy() for value in values)))
    return PairDetections(*(np.array(column) for column in zip(*rows, strict=True)))


def collate(sample):
    return {key: [value] for key, value in sample.items()}


def check(metrics, protocol, detections):
    search = query_centric_search_metrics(protocol, detections)
    assert metrics["mAP"] == pytest.approx(search["mAP"])
    assert metrics["top1"] == pytest.approx(search["top1"])
    found = query_centric_detection_metrics(protocol, detections)
    assert metrics["det_ap"] == pytest.approx(found["ap"], rel=1e-4)
    assert metrics["det_recall"] == pytest.approx(found["recall"])


def test_equals_separate_searches(data, tmp_path):
    runner, metrics, found = outcome(small_config(data, tmp_path))
    protocol = runner.test_dataloader.dataset.metainfo["protocol"]
    everything = [
        (query, image)
        for query in range(protocol.num_queries)
        for image in range(protocol.num_images)
    ]
    expected = one_by_one(runner, protocol, everything)
    assert len(expected.scores) == len(found["scores"]) > len(everything)
    check(metrics, protocol, expected)


def test_listed_galleries_are_searched_and_nothing_else(data, tmp_path):
    runner, metrics, found = outcome(small_config(data, tmp_path, "cuhk_sysu"))
    protocol = runner.test_dataloader.dataset.metainfo["protocol"]
    pairs = sorted(
        {
            (query, int(image))
            for query in range(protocol.num_queries)
            for image in protocol.gallery_of(query)
        }
    )
    images = np.repeat(found["images"], found["counts"])
    searched = set(zip(found["query_ids"].tolist(), images.tolist(), strict=True))
    assert searched == set(pairs)
    assert len(pairs) < protocol.num_queries * protocol.num_images
    check(metrics, protocol, one_by_one(runner, protocol, pairs))


def test_validates_while_training(data, tmp_path):
    config = small_config(data, tmp_path)
    config.train_cfg.update(max_epochs=2, val_interval=1)
    assert check_config(config) == []
    runner = Runner.from_cfg(config)
    seen, evaluate = [], runner.val_loop.evaluator.evaluate

    def remember(size):
        seen.append((runner.val_loop.queries.embeddings.clone(), evaluate(size)))
        return seen[-1][1]

    runner.val_loop.evaluator.evaluate = remember
    runner.train()
    (first, _), (second, metrics) = seen
    assert not torch.equal(first, second)  # each time of the present weights
    runner.test_loop.run()
    torch.testing.assert_close(runner.test_loop.queries.embeddings, second)
    assert {"mAP", "top1", "det_ap", "det_recall"} <= set(metrics)


def _of_a_rank(rank, data, folder):
    return Runner.from_cfg(small_config(data, f"{folder}/{rank}")).test()


def test_two_ranks_equal_one(data, tmp_path):
    _, expected, _ = outcome(small_config(data, tmp_path / "one"))
    for metrics in run_two_ranks(_of_a_rank, data, tmp_path):
        assert metrics == pytest.approx(expected, rel=1e-4)


def test_what_cannot_be_searched_is_refused(data, tmp_path):
    changes = {"test_dataloader.dataset.split": "train"}
    runner = Runner.from_cfg(small_config(data, tmp_path, **changes))
    with pytest.raises(ConfigError, match="test split of a person-search"):
        runner.build_test_loop(runner._test_loop)
    runner = Runner.from_cfg(small_config(data, tmp_path))
    runner.model = torch.nn.Linear(1, 1)
    with pytest.raises(ConfigError, match="Linear cannot search query-centric"):
        runner.build_test_loop(runner._test_loop)
