"""A re-identification model that only gives advice."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from mmpsearch.errors import CheckpointError
from mmpsearch.models.reid import ReIDModel
from mmpsearch.registry import MODELS
from mmpsearch.utils.checkpoint import load_checkpoint


class FrozenTeacher:
    """DKD's external model M. Not a module: whoever holds it trains and saves nothing.

    Args:
        model: with one part and its classifier; put into evaluation mode.
        identity_order: official person id of every class; None where unknown.
        name: for messages.

    Raises:
        ValueError: the model has no classifier, or several.
    """

    def __init__(
        self,
        model: ReIDModel,
        identity_order: Sequence[int] | None = None,
        name: str = "teacher",
    ) -> None:
        if len(model.classifiers) != 1:
            raise ValueError(
                f"{name}: a teacher needs one classifier over the training "
                f"identities, this model has {len(model.classifiers)}; set "
                "model.teacher.num_identities and use a model of one part, such as BoT"
            )
        self.model = model.eval().requires_grad_(False)
        self.identity_order = None if identity_order is None else list(identity_order)
        self.name = name

    @classmethod
    def from_checkpoint(cls, config: dict, path: str | Path) -> "FrozenTeacher":
        """Build the model and load all its weights.

        Raises:
            CheckpointError: the file is missing, refused, or of another model.
        """
        model = MODELS.build(config)
        checkpoint = load_checkpoint(path)
        state = checkpoint.get("state_dict", checkpoint)
        try:
            model.load_state_dict(state)
        except RuntimeError as error:
            reason = str(error).splitlines()[1].strip()
            raise CheckpointError(
                f"teacher checkpoint {path} does not fit model.teacher: {reason} Give "
                "the config that it was trained with"
            ) from None
        meta = (checkpoint.get("meta") or {}).get("dataset_meta") or {}
        return cls(model, meta.get("identity_order"), str(path))

    @property
    def num_identities(self) -> int:
        """Classes of the model."""
        return self.model.num_identities

    @torch.no_grad()
    def __call__(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Advice about crops.

        Args:
            crops: ``(N, 3, H, W)`` uint8 BGR, ``N`` may be 0.

        Returns:
            Embeddings ``(N, D)`` as its classifier sees them, and logits ``(N, C)``;
            float32, without gradient.
        """
        self.model.to(crops.device)
        (name,) = self.model.classifiers
        classifier = self.model.classifiers[name]
        inputs = self.model.data_preprocessor({"inputs": crops})["inputs"]
        embeddings = self.model.embeddings(self.model.features(inputs))[name]
        unknown = torch.full((len(crops),), -1, device=crops.device)
        vectors = embeddings.after_bn.float()
        return vectors, classifier(vectors, unknown).float()
