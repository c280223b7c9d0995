"""Show or save what a model found in the test images."""

from pathlib import Path

from mmengine.hooks import Hook

from mmpsearch.datasets.io.picture_reading import read_picture
from mmpsearch.errors import ConfigError
from mmpsearch.registry import HOOKS


@HOOKS.register_module()
class PredictionPicturesHook(Hook):
    """Draws ``pred_instances`` on each test image (``test.py --show``, ``--show-dir``).

    Needs a visualizer for detections, such as ``mmdet.DetLocalVisualizer``.

    Args:
        folder: save pictures here, below the run's folder in ``work_dir`` unless it is
            an absolute path; None saves none.
        show: open a window for each.
        wait_time: seconds that a window stays; 0 waits for a key.
        score_threshold: draw detections from this score on.

    Raises:
        ConfigError: the model predicts no detections.
    """

    def __init__(
        self,
        folder: str | None = None,
        show: bool = False,
        wait_time: float = 2.0,
        score_threshold: float = 0.5,
    ) -> None:
        self.folder = folder
        self.show = show
        self.wait_time = wait_time
        self.score_threshold = score_threshold

    def after_test_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        for sample in outputs:
            if "pred_instances" not in sample:
                raise ConfigError(
                    "--show and --show-dir draw detections, and the model predicts "
                    "none; rankings of crops are drawn by demo/search_crops.py"
                )
            name = sample.metainfo.get("img_key", Path(sample.img_path).name)
            file = None
            if self.folder is not None:
                run = Path(runner.work_dir) / runner.timestamp
                file = str((run / self.folder / name).with_suffix(".jpg"))
            runner.visualizer.add_datasample(
                name,
                read_picture(sample.img_path, upright=False)[:, :, ::-1],
                sample,
                draw_gt=False,  # its boxes are those of the network's input
                show=self.show,
                wait_time=self.wait_time,
                pred_score_thr=self.score_threshold,
                out_file=file,
            )
