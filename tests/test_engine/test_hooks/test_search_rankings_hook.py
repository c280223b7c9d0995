import logging
from types import SimpleNamespace

import cv2
import numpy as np
import torch
from mmengine.structures import InstanceData

from mmpsearch.engine.hooks import SearchRankingsHook
from mmpsearch.structures import PersonSearchSample
from tests.test_evaluation.test_functional.test_search_ranking import (
    BOXES,
    SCORES,
    VECTORS,
    make_protocol,
)

OFFSETS = [0, 1, 4, 6]


def samples():
    for image in range(3):
        own = slice(*OFFSETS[image : image + 2])
        made = PersonSearchSample(metainfo=dict(img_id=image))
        made.pred_instances = InstanceData(
            bboxes=torch.from_numpy(BOXES[own]),
            scores=torch.from_numpy(SCORES[own]),
            embeddings=torch.from_numpy(VECTORS[own]),
        )
        made.query_instances = InstanceData(
            query_ids=torch.arange(int(image == 0)),
            embeddings=torch.ones(int(image == 0), 2),
        )
        yield made


def run(folder, outputs, protocol):
    for key in ("a.jpg", "b.jpg", "c.jpg"):
        cv2.imwrite(str(folder / key), np.full((60, 100, 3), 90, np.uint8))
    dataset = SimpleNamespace(
        metainfo=dict(protocol=protocol) if protocol else {},
        get_data_info=lambda i: dict(img_path=str(folder / f"{'abc'[i]}.jpg")),
    )
    runner = SimpleNamespace(
        work_dir=str(folder),
        timestamp="now",
        logger=logging.getLogger("test"),
        cfg={"test_evaluator": {"type": "mmpsearch.PersonSearchMetric"}},
        test_dataloader=SimpleNamespace(dataset=dataset),
    )
    hook = SearchRankingsHook("shown", top=3)
    hook.before_test_epoch(runner)
    for number, one in enumerate(outputs):
        hook.after_test_iter(runner, number, None, [one])
    hook.after_test_epoch(runner)
    return folder / "now" / "shown"


def test_the_page_shows_the_ranking_as_the_metric_counts_it(tmp_path):
    folder = run(tmp_path, samples(), make_protocol())
    page = (folder / "ranked.html").read_text()
    # the query looks (1, 1) / sqrt(2): 4 3 and 3 4 of the same image, before 5 12
    assert "1 of the 3 most similar of 4 people found in the gallery" in page
    assert page.count("b.jpg") >= 3 and "0.99" in page
    assert cv2.imread(str(folder / "ranked_1.jpg")).shape[2] == 3


def test_without_queries_nothing_is_drawn(tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="test"):
        assert not run(tmp_path, samples(), None).exists()
    assert "no rankings" in caplog.text
