"""One re-identification model; methods are compositions of neck, heads and losses."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from mmpsearch.models.heads.embedding_head import Embedding, Stage
from mmpsearch.models.layers.context import call_in_context
from mmpsearch.models.reid.base import ReIDBase
from mmpsearch.models.reid.embedding_loss import select
from mmpsearch.registry import MODELS
from mmpsearch.structures.reid_sample import MODALITIES, ReIDSample

Features = Sequence[Tensor]


@MODELS.register_module()
class ReIDModel(ReIDBase):
    """Backbone, neck, one head per part, and losses.

    The neck makes named parts ``(B, C)`` of the backbone's features; each part has a
    head that makes its embedding, and in training a classifier over identities.

    Args:
        backbone: config; gives a tuple of maps ``(B, C, h, w)`` or of tokens.
        neck: config; features -> dict of parts.
        heads: part name -> config of its head.
        num_identities: training identities, the data set's number. None: the model is
            built for testing, without classifiers and losses.
        classifier: config of the classifier, one for every head.
        identity_loss: config of the loss of every classifier's logits.
        metric_losses: name -> config of an
            :class:`~mmpsearch.models.reid.EmbeddingLoss`.
        test_parts: parts whose embeddings make the model's, concatenated; None: all.
        test_stage: which of their vectors: ``pooled``, ``before_bn`` or ``after_bn``.
        data_preprocessor: config, with the normalisation constants.
        init_cfg: see MMEngine's BaseModule.
    """

    training_only = (r"classifiers\.", r"metric_losses\.")

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        heads: Mapping[str, dict],
        num_identities: int | None = None,
        classifier: dict | None = None,
        identity_loss: dict | None = None,
        metric_losses: Mapping[str, dict] | None = None,
        test_parts: Sequence[str] | None = None,
        test_stage: Stage = "after_bn",
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor, init_cfg)
        self.backbone, self.neck = MODELS.build(backbone), MODELS.build(neck)
        self.heads = nn.ModuleDict(
            {name: MODELS.build(head) for name, head in heads.items()}
        )
        self.num_identities = num_identities
        self.test_parts, self.test_stage = test_parts, test_stage
        self.classifiers = nn.ModuleDict()
        self.metric_losses = nn.ModuleDict()
        if num_identities is None:
            return
        if num_identities < 1:
            raise ValueError(
                f"num_identities must be positive, got {num_identities}; the config of "
                "the training set has its number"
            )
        self.identity_loss = MODELS.build(
            identity_loss or dict(type="mmpsearch.SmoothedCrossEntropy")
        )
        kind = classifier or dict(type="mmpsearch.LinearClassifier")
        for name, head in self.heads.items():
            sizes = dict(embed_dims=head.embed_dims, num_identities=num_identities)
            self.classifiers[name] = MODELS.build({**kind, **sizes})
        for name, loss in (metric_losses or {}).items():
            self.metric_losses[name] = MODELS.build(loss)

    def features(
        self,
        inputs: Tensor,
        camera_ids: Tensor | None = None,
        modalities: Tensor | None = None,
    ) -> Features:
        """What the backbone gives.

        Args:
            inputs: ``(B, 3, H, W)``, normalised.
            camera_ids: ``(B,)`` int64; for a backbone that names them, such as one
                with a camera embedding.
            modalities: ``(B,)`` int64, places in
                :data:`~mmpsearch.structures.reid_sample.MODALITIES`; for a backbone
                that names them, such as one with a stem for each.
        """
        context = {"camera_ids": camera_ids, "modalities": modalities}
        return call_in_context(self.backbone, inputs, context=context)

    def embeddings(self, features: Features) -> dict[str, Embedding]:
        """Every part's vectors, by name."""
        parts = self.neck(features)
        if parts.keys() != self.heads.keys():
            raise ValueError(
                f"the neck {type(self.neck).__name__} gives the parts "
                f"{', '.join(parts)}, but model.heads has {', '.join(self.heads)}"
            )
        return {name: self.heads[name](part) for name, part in parts.items()}

    def extract(
        self,
        inputs: Tensor,
        camera_ids: Tensor | None = None,
        modalities: Tensor | None = None,
    ) -> Tensor:
        """Embeddings for comparison.

        Args:
            inputs: ``(B, 3, H, W)``, normalised.
            camera_ids: ``(B,)`` int64 or None (unknown).
            modalities: ``(B,)`` int64, see :meth:`features`; a two-stream backbone
                needs them.

        Returns:
            ``(B, D)`` float32, not L2-normalised.
        """
        if camera_ids is None:
            camera_ids = torch.full((inputs.shape[0],), -1, device=inputs.device)
        features = self.features(inputs, camera_ids, modalities)
        embeddings = self.embeddings(features)
        return select(embeddings, self.test_parts, self.test_stage)

    def loss(self, inputs: Tensor, data_samples: list[ReIDSample]) -> dict[str, Tensor]:
        """Losses of a batch.

        Args:
            inputs: ``(B, 3, H, W)``, normalised.
            data_samples: with ``person_id`` (-1 unlabelled), ``camera_id`` and, for a
                two-stream backbone, ``modality``.

        Returns:
            ``loss_id`` (sum over classifiers), ``loss_<name>`` of every metric loss,
            and ``accuracy`` of the first classifier.
        """
        if self.num_identities is None:
            raise ValueError(
                "training needs model.num_identities, the training set's number of "
                "identities"
            )
        ids = sample_numbers(data_samples, "person_id", inputs)
        modalities = modality_numbers(data_samples, inputs)
        cameras = sample_numbers(data_samples, "camera_id", inputs)
        embeddings = self.embeddings(self.features(inputs, cameras, modalities))
        return self.embedding_losses(embeddings, ids, modalities)

    def embedding_losses(
        self,
        embeddings: Mapping[str, Embedding],
        person_ids: Tensor,
        modalities: Tensor,
    ) -> dict[str, Tensor]:
        """Losses of the parts' vectors.

        Args:
            embeddings: by name of part.
            person_ids: ``(B,)`` int64, -1 unlabelled.
            modalities: ``(B,)`` int64, see :meth:`features`.

        Returns:
            As :meth:`loss`.
        """
        logits = {
            name: self.classifiers[name](embedding.after_bn, person_ids)
            for name, embedding in embeddings.items()
        }
        losses = {
            "loss_id": sum(
                self.identity_loss(each, person_ids) for each in logits.values()
            )
        }
        for name, loss in self.metric_losses.items():
            losses[f"loss_{name}"] = loss(embeddings, person_ids, modalities)
        first = next(iter(logits.values())).detach()
        losses["accuracy"] = (first.argmax(dim=1) == person_ids).float().mean()
        return losses

    def predict(
        self, inputs: Tensor, data_samples: list[ReIDSample]
    ) -> list[ReIDSample]:
        """Give every sample its ``embedding`` ``(D,)``, float32, not normalised."""
        cameras = sample_numbers(data_samples, "camera_id", inputs)
        modalities = modality_numbers(data_samples, inputs)
        for sample, embedding in zip(
            data_samples, self.extract(inputs, cameras, modalities), strict=True
        ):
            sample.embedding = embedding
        return data_samples


def sample_numbers(samples: list[ReIDSample], name: str, like: Tensor) -> Tensor:
    """``(B,)`` int64; -1 where a sample has none."""
    values = [getattr(sample, name, -1) for sample in samples]
    return torch.tensor(values, dtype=torch.int64, device=like.device)


def modality_numbers(samples: list[ReIDSample], like: Tensor | None = None) -> Tensor:
    """``(B,)`` int64 places in ``MODALITIES``; RGB where a sample does not say.

    On the device of ``like``; without it on the CPU, where they can be read at once.
    """
    values = [MODALITIES.index(getattr(s, "modality", "rgb")) for s in samples]
    device = None if like is None else like.device
    return torch.tensor(values, dtype=torch.int64, device=device)
