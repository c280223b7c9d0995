"""Show what the queries of a test find in its gallery."""

from pathlib import Path

import numpy as np
import torch.nn.functional as F
from mmengine.dist import get_world_size, is_main_process
from mmengine.hooks import Hook

from mmpsearch.datasets.io.picture_reading import read_picture
from mmpsearch.errors import ConfigError
from mmpsearch.registry import HOOKS
from mmpsearch.visualization import (
    RankedList,
    crop_sighting,
    save_ranked_page,
    save_ranked_picture,
)


@HOOKS.register_module()
class RankingPicturesHook(Hook):
    """Draws rankings of a re-identification test (``test.py --show-dir``).

    Some queries, each with its most similar gallery pictures: green is right, red is
    wrong. Pictures of the query's person by its own camera are left out, as the metric
    leaves them out. From the embeddings of the test itself; nothing runs twice.

    Args:
        folder: save pictures and a page here, below the run's folder in ``work_dir``
            unless it is an absolute path.
        number: queries, spread evenly over the test's.
        top: matches of each.

    Raises:
        ConfigError: the model gives no embeddings of crops, the test has no queries,
            or several processes share it.
    """

    def __init__(self, folder: str, number: int = 20, top: int = 10) -> None:
        self.folder, self.number, self.top = folder, number, top

    def before_test_epoch(self, runner) -> None:
        if get_world_size() > 1:
            raise ConfigError("--show-dir: rankings are drawn by one process; test so")
        self._rows: list[tuple] = []

    def after_test_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        for sample in outputs:
            if "embedding" not in sample:
                raise ConfigError(
                    "--show-dir draws detections or rankings, and the model predicts "
                    "neither"
                )
            vector = F.normalize(sample.embedding.float(), dim=0).cpu().numpy()
            place = sample.person_id, sample.camera_id, bool(sample.is_query)
            self._rows.append((sample.img_path, *place, vector))

    def after_test_epoch(self, runner, metrics=None) -> None:
        if not is_main_process():
            return
        queries = [row for row in self._rows if row[3]]
        gallery = [row for row in self._rows if not row[3]]
        if not queries or not gallery:
            raise ConfigError(
                "--show-dir: the test set has no queries and gallery to rank; RGB and "
                "infrared pictures: tools/analysis_tools/cross_modality_matches.py"
            )
        places = np.linspace(0, len(queries) - 1, min(self.number, len(queries)))
        lists = [self._rank(queries[int(place)], gallery) for place in places]
        folder = Path(runner.work_dir) / runner.timestamp / self.folder
        for number, ranked in enumerate(lists, 1):
            save_ranked_picture(folder / f"ranked_{number}.jpg", ranked)
        save_ranked_page(folder / "ranked.html", lists, "Test set")
        runner.logger.info(f"rankings of {len(lists)} queries: {folder}/ranked.html")

    def _rank(self, query: tuple, gallery: list[tuple]) -> RankedList:
        path, person, camera, _, vector = query
        others = [
            row
            for row in gallery
            if row[1] != person or row[2] != camera or camera == -1
        ]
        similarities = np.array([row[4] @ vector for row in others])
        order = np.argsort(-similarities, kind="stable")[: self.top]
        matches = [
            crop_sighting(
                read_picture(others[i][0]),
                Path(others[i][0]).name,
                float(similarities[i]),
                correct=others[i][1] == person,
            )
            for i in order
        ]
        right = sum(bool(match.correct) for match in matches)
        return RankedList(
            crop_sighting(read_picture(path), Path(path).name),
            matches,
            f"{right} of the {len(matches)} most similar of {len(others)} pictures "
            "show this person",
        )
