"""Base of the person-search models."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from mmpsearch.models.layers.context import call_in_context
from mmpsearch.models.runner_model import RunnerModel
from mmpsearch.structures import PersonSearchSample


class PersonSearchModel(RunnerModel):
    """Base of the person-search models: ``loss``, ``predict`` and ``extract``."""

    reid_loss: nn.Module | None
    """Of embeddings and person ids; has ``num_identities`` if it has a class each."""

    def identity_table(self) -> tuple[str, int] | None:
        """The re-ID loss and its number of classes."""
        classes = getattr(self.reid_loss, "num_identities", None)
        return None if classes is None else (type(self.reid_loss).__name__, classes)

    def identity_loss(
        self, embeddings: Tensor, person_ids: Tensor, **context: Tensor
    ) -> Tensor:
        """The re-ID loss, which is told of the context what it names.

        Every person-search model gives ``unique_ids`` ``(N,)``, equal exactly for boxes
        of one person, and ``batch_places``, see
        :func:`mmpsearch.models.person_search.structures.batch_places`; SPNet also
        ``is_predicted`` and ``momentum_embeddings``, see :meth:`SPNet.loss`.

        Args:
            embeddings: ``(N, D)``, any length.
            person_ids: ``(N,)`` int64, -1 without identity label.
            **context: tensors of N rows.

        Returns:
            Scalar.
        """
        return call_in_context(self.reid_loss, embeddings, person_ids, context=context)

    def forward(
        self, inputs: Tensor, data_samples: list | None = None, mode: str = "tensor"
    ):
        """As of :class:`RunnerModel`; images of other sizes are predicted apart.

        Otherwise an image's padding, which depends on the others of its batch, would
        reach its features, and what is found in it would depend on them.
        """
        if mode != "predict":
            return super().forward(inputs, data_samples, mode)
        divisor = getattr(self.data_preprocessor, "pad_size_divisor", 1)
        groups: dict[tuple[int, ...], list[int]] = {}
        for index, sample in enumerate(data_samples):
            alone = tuple(
                -(-side // divisor) * divisor for side in sample.img_shape[:2]
            )
            groups.setdefault(alone, []).append(index)
        if len(groups) == 1:
            return self.predict(inputs, data_samples)
        for (height, width), indices in groups.items():
            samples = [data_samples[index] for index in indices]
            for sample in samples:
                shape = (height, width)
                sample.set_metainfo(dict(batch_input_shape=shape, pad_shape=shape))
            self.predict(inputs[indices, :, :height, :width], samples)
        return data_samples

    @abstractmethod
    def extract(self, inputs: Tensor):
        """Feature maps of a preprocessed batch ``(B, 3, H, W)``."""

    @abstractmethod
    def loss(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> dict[str, Tensor]:
        """Named losses; the runner minimises the sum of all ``loss_*``."""

    @abstractmethod
    def predict(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> list[PersonSearchSample]:
        """The samples with ``pred_instances`` in pixels of the original images."""


class SearchesForQueries(ABC):
    """A model that can look for given people, instead of detecting everybody.

    Its ``predict`` takes samples with ``sought_queries``: instances with ``query_ids``,
    ``detection_embeddings`` and ``embeddings``.
    """

    @abstractmethod
    def query_sizes(self) -> tuple[int, int]:
        """Lengths of a query's ``detection_embeddings`` and ``embeddings``."""

    @abstractmethod
    def embed_queries(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> list[PersonSearchSample]:
        """Give the samples' ``query_instances`` both embeddings.

        Args:
            inputs: ``(B, 3, H, W)`` preprocessed.
            data_samples: with ``query_instances``.
        """
