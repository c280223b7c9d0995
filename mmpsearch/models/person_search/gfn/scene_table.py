"""Scenes of earlier steps, so that a batch has enough to tell apart."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class SceneBatch(NamedTuple):
    """Scenes and the boxes of people in them, scenes concatenated.

    Attributes:
        scenes: ``(I, D)`` scene embeddings.
        queries: ``(Q, D)`` embeddings of the boxes.
        scene_index: ``(Q,)`` int64, ascending: the scene of each box.
        person_ids: ``(Q,)`` int64, -1 for a person without identity label.
        unique_ids: ``(Q,)`` int64, equal exactly for boxes of one person.
    """

    scenes: Tensor
    queries: Tensor
    scene_index: Tensor
    person_ids: Tensor
    unique_ids: Tensor

    def of_scene(self, index: int) -> "SceneBatch":
        """One scene with its boxes."""
        own = self.scene_index == index
        return SceneBatch(
            self.scenes[index : index + 1],
            self.queries[own],
            torch.zeros_like(self.scene_index[own]),
            self.person_ids[own],
            self.unique_ids[own],
        )

    @classmethod
    def join(cls, batches: Sequence["SceneBatch"]) -> "SceneBatch":
        """One after the other."""
        shifts = torch.tensor([0, *(len(batch.scenes) for batch in batches)]).cumsum(0)
        joined = [torch.cat(values) for values in zip(*batches, strict=True)]
        index = [
            batch.scene_index + int(shift)
            for batch, shift in zip(batches, shifts[:-1], strict=True)
        ]
        return cls(*joined)._replace(scene_index=torch.cat(index))


class SceneTable:
    """The latest embeddings of every training scene, without gradient, on the CPU.

    It is filled while training and is not part of a checkpoint: after a resumption
    scenes come back one by one, within an epoch, as at the beginning. Every rank has
    its own.

    Args:
        positives: scenes to choose that show a chosen person of the batch.
        hard_negatives: scenes to choose for each that do not, but share somebody with
            a batch scene that does.
    """

    def __init__(self, positives: int = 1, hard_negatives: int = 1) -> None:
        self.positives, self.hard_negatives = positives, hard_negatives
        self._scenes: dict[int, SceneBatch] = {}
        self._people: dict[int, frozenset[int]] = {}

    def __len__(self) -> int:
        return len(self._scenes)

    def choose(self, image_ids: Sequence[int], batch: SceneBatch) -> list[int]:
        """Images of the table to learn from beside a batch.

        Args:
            image_ids: of the batch's scenes.
            batch: those scenes.

        Returns:
            Image ids, none twice and none of the batch. Random choices are PyTorch's.
        """
        people = [_known(batch.of_scene(i)) for i in range(len(batch.scenes))]
        everyone = sorted(frozenset().union(*people))
        order = list(self._scenes)
        order = [order[i] for i in torch.randperm(len(order)).tolist()]
        picked = torch.randperm(len(everyone))[: len(people)].tolist()
        taken, chosen = set(image_ids), []
        for person in (everyone[i] for i in picked):
            company = next(group for group in people if person in group)
            positive = [i for i in order if person in self._people[i]]
            negative = [
                i
                for i in order
                if person not in self._people[i] and company & self._people[i]
            ]
            for number, group in (
                (self.positives, positive),
                (self.hard_negatives, negative),
            ):
                found = [i for i in group if i not in taken][:number]
                taken.update(found)
                chosen += found
        return chosen

    def rows(self, image_ids: Sequence[int], device: torch.device) -> list[SceneBatch]:
        """Scenes of the table, in the order asked for."""
        return [
            SceneBatch(*(value.to(device) for value in self._scenes[i]))
            for i in image_ids
        ]

    def store(self, image_ids: Sequence[int], batch: SceneBatch) -> None:
        """Take over a batch; an image that is there is replaced."""
        for place, image in enumerate(image_ids):
            scene = batch.of_scene(place)
            self._scenes[image] = SceneBatch(*(v.detach().cpu() for v in scene))
            self._people[image] = _known(scene)


def _known(batch: SceneBatch) -> frozenset[int]:
    """Identities of the labelled people."""
    ids = batch.person_ids
    return frozenset(ids[ids >= 0].tolist())
