"""Show what the queries of a person search find in its gallery."""

from pathlib import Path

import numpy as np
from mmengine.dist import get_world_size
from mmengine.hooks import Hook

from mmpsearch.datasets.io.picture_reading import read_picture
from mmpsearch.evaluation.functional.search_ranking import SearchRanking
from mmpsearch.evaluation.metrics.image_output import image_output
from mmpsearch.evaluation.metrics.search_outputs import SearchOutputs
from mmpsearch.evaluation.metrics.search_settings import search_settings
from mmpsearch.registry import HOOKS
from mmpsearch.visualization import (
    RankedList,
    match_sighting,
    query_sighting,
    save_ranked_page,
    save_ranked_picture,
)


@HOOKS.register_module()
class SearchRankingsHook(Hook):
    """Draws rankings of a person-search test (``test.py --show-dir``).

    Some queries, each with its most similar detections: green is right, red is wrong,
    as the test's `PersonSearchMetric` counts them. From the outputs of the test itself;
    nothing runs twice. Without queries, with several processes and of
    models that find people pair by pair nothing is drawn.

    Args:
        folder: save pictures and a page here, below the run's folder in ``work_dir``
            unless it is an absolute path.
        number: queries, spread evenly over the test's.
        top: matches of each.
    """

    def __init__(self, folder: str, number: int = 20, top: int = 10) -> None:
        self.folder, self.number, self.top = folder, number, top

    def before_test_epoch(self, runner) -> None:
        self._dataset = runner.test_dataloader.dataset
        self._protocol = self._dataset.metainfo.get("protocol")
        self._outputs: list[SearchOutputs] = []
        if get_world_size() > 1:
            self._protocol = None

    def after_test_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        if self._protocol is None:
            return
        for sample in outputs:
            if "embeddings" not in sample.pred_instances:
                self._protocol = None  # found pair by pair, nothing is ranked
                return
            self._outputs.append(image_output(sample.to_dict(), self._protocol))

    def after_test_epoch(self, runner, metrics=None) -> None:
        if self._protocol is None or not self._protocol.num_queries:
            runner.logger.info(
                "--show-dir: no rankings; they are drawn where one process tests a "
                "model that embeds what it finds, on a set with queries"
            )
            return
        outputs = SearchOutputs.from_images(self._outputs).in_order()
        ranking = SearchRanking(
            self._protocol,
            outputs.detections(self._protocol),
            outputs.queries(self._protocol),
            **search_settings(runner.cfg.get("test_evaluator"), self._protocol),
        )
        total = self._protocol.num_queries
        places = np.linspace(0, total - 1, min(self.number, total))
        lists = [self._ranked(ranking, int(place)) for place in places]
        folder = Path(runner.work_dir) / runner.timestamp / self.folder
        for number, ranked in enumerate(lists, 1):
            save_ranked_picture(folder / f"ranked_{number}.jpg", ranked)
        save_ranked_page(folder / "ranked.html", lists, "Test set")
        runner.logger.info(f"rankings of {len(lists)} queries: {folder}/ranked.html")

    def _ranked(self, ranking: SearchRanking, query: int) -> RankedList:
        found = ranking.best(query, self.top)
        matches = [
            match_sighting(
                self._scene(image),
                ranking.boxes[detection],
                self._name(image),
                float(similarity),
                correct=bool(correct),
            )
            for detection, image, similarity, correct in zip(
                found.detections,
                found.images,
                found.similarities,
                found.correct,
                strict=True,
            )
        ]
        image = int(self._protocol.query_images[query])
        box = self._protocol.query_boxes[query]
        return RankedList(
            query_sighting(self._scene(image), box, self._name(image)),
            matches,
            f"{found.correct.sum()} of the {len(matches)} most similar of "
            f"{found.total} people found in the gallery are this person",
        )

    def _scene(self, image: int) -> np.ndarray:
        path = self._dataset.get_data_info(int(image))["img_path"]
        return read_picture(path, upright=False)

    def _name(self, image: int) -> str:
        return Path(self._protocol.image_keys[image]).name
