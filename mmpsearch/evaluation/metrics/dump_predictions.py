"""A test's predictions in a file."""

from mmengine.evaluator import DumpResults
from mmengine.fileio import dump
from mmengine.logging import print_log

from mmpsearch.registry import METRICS
from mmpsearch.utils.atomic import replace_when_done


@METRICS.register_module()
class DumpPredictions(DumpResults):
    """MMEngine's DumpResults, whose file is there as a whole or not at all.

    Args:
        out_file_path: ends with ``.pkl`` or ``.pickle``.
        **kwargs: as MMEngine's.
    """

    def compute_metrics(self, results: list) -> dict:
        """Write the predictions of all ranks; called on the first alone."""
        with replace_when_done(self.out_file_path) as temporary:
            dump(results, str(temporary))
        print_log(
            f"{len(results)} predictions saved in {self.out_file_path}",
            logger="current",
        )
        return {}
