"""Query-centric validation and testing: embed all queries, then search every image."""

import numpy as np
import torch
from mmengine.dist import get_rank, get_world_size
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.runner import TestLoop, ValLoop
from mmengine.runner.amp import autocast
from mmengine.structures import InstanceData
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from mmpsearch.errors import ConfigError
from mmpsearch.evaluation.functional.gallery import queries_of_images
from mmpsearch.models.person_search.base import SearchesForQueries
from mmpsearch.registry import LOOPS
from mmpsearch.structures import SearchProtocol
from mmpsearch.utils.distributed import gather_without_gradient


class QueryCentricLoop:
    """Mixed into MMEngine's loops: every image is searched for the queries of its own.

    A first pass over the images with queries embeds these (``model.embed_queries``).
    It runs before the first image of the second pass, when the hooks of the run have
    made the model ready (exchanged its weights for averaged ones, say). The second
    pass gives each image's sample the ``sought_queries`` whose gallery has the image,
    in any protocol of the data set, and otherwise is MMEngine's.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        metainfo = getattr(self.dataloader.dataset, "metainfo", {})
        if "protocol" not in metainfo:
            raise ConfigError(
                f"{type(self).__name__} needs the test split of a person-search data "
                "set; take mmengine's loop for others"
            )
        if not isinstance(self.model, SearchesForQueries):
            raise ConfigError(
                f"{type(self).__name__}: {type(self.model).__name__} cannot search "
                "query-centric; take mmengine.TestLoop and mmengine.ValLoop"
            )
        self.protocol: SearchProtocol = metainfo["protocol"]
        further = metainfo.get("protocols", {}).values()
        self.queries_of = queries_of_images([self.protocol, *further])
        self.queries: InstanceData | None = None

    @property
    def model(self) -> torch.nn.Module:
        """The model without the wrapper of distributed training."""
        model = self.runner.model
        return model.module if is_model_wrapper(model) else model

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: dict) -> None:
        """Search the images of a batch.

        Args:
            idx: number of the batch; before the first, queries are embedded.
            data_batch: of the data loader.
        """
        if idx == 0:
            self.queries = self.embed_queries()
        for sample in data_batch["data_samples"]:
            sample.sought_queries = self.queries_of_image(sample.img_id)
        super().run_iter(idx, data_batch)

    def queries_of_image(self, image: int) -> InstanceData:
        """The queries to look for in an image."""
        if self.queries_of is None:
            return self.queries
        offsets, queries = self.queries_of
        rows = torch.from_numpy(queries[offsets[image] : offsets[image + 1]])
        return self.queries[rows.to(self.queries.query_ids.device)]

    def embed_queries(self) -> InstanceData:
        """The first pass: every rank embeds its share, and gets all.

        Returns:
            ``query_ids`` ``(Q,)`` 0, 1, ..., ``detection_embeddings`` ``(Q, D)`` and
            ``embeddings`` ``(Q, R)``, in the protocol's order.
        """
        images = np.unique(self.protocol.query_images)
        print_log(
            f"query-centric search: embedding {self.protocol.num_queries} queries of "
            f"{len(images)} images",
            logger="current",
        )
        model = self.model
        device = next(model.parameters()).device
        ids = [torch.zeros(0, dtype=torch.int64, device=device)]
        tables = [[torch.zeros(0, size, device=device)] for size in model.query_sizes()]
        for batch in self._images(images[get_rank() :: get_world_size()].tolist()):
            with autocast(enabled=self.fp16):
                samples = model.embed_queries(**model.data_preprocessor(batch, False))
            for sample in samples:
                found = sample.query_instances
                ids.append(found.query_ids.to(device))
                tables[0].append(found.detection_embeddings)
                tables[1].append(found.embeddings)
        order = gather_without_gradient(torch.cat(ids))
        rows = [gather_without_gradient(torch.cat(table)) for table in tables]
        return self._in_order(order, *rows)

    def _images(self, images: list[int]) -> DataLoader:
        """Loads some of the data set's images, as its loader does."""
        loader = self.dataloader
        return DataLoader(
            Subset(loader.dataset, images),
            batch_size=loader.batch_size or 1,
            num_workers=loader.num_workers,
            collate_fn=loader.collate_fn,
            worker_init_fn=loader.worker_init_fn,
        )

    def _in_order(
        self, ids: Tensor, for_detection: Tensor, embeddings: Tensor
    ) -> InstanceData:
        expected = torch.arange(self.protocol.num_queries, device=ids.device)
        if not torch.equal(ids.sort().values, expected):
            raise ValueError(
                f"protocol {self.protocol.name!r} has {len(expected)} queries, but "
                f"{len(ids)} were embedded; the test pipeline must keep query_bboxes "
                "and query_ids"
            )
        order = ids.argsort()
        return InstanceData(
            query_ids=ids[order],
            detection_embeddings=for_detection[order],
            embeddings=embeddings[order],
        )


@LOOPS.register_module()
class QueryCentricTestLoop(QueryCentricLoop, TestLoop):
    """Tests a model query-centric, see :class:`QueryCentricLoop`.

    Takes the place of ``mmengine.TestLoop`` in ``test_cfg``; everything else of a
    config stays.

    Args:
        runner: the runner.
        dataloader: loads the test images.
        evaluator: with :class:`~mmpsearch.evaluation.metrics.PersonSearchMetric`.
        fp16: search in mixed precision.
    """


@LOOPS.register_module()
class QueryCentricValLoop(QueryCentricLoop, ValLoop):
    """Validates a model query-centric, see :class:`QueryCentricLoop`.

    Takes the place of ``mmengine.ValLoop`` in ``val_cfg``.

    Args:
        runner: the runner.
        dataloader: loads the validation images.
        evaluator: with :class:`~mmpsearch.evaluation.metrics.PersonSearchMetric`.
        fp16: search in mixed precision.
    """
