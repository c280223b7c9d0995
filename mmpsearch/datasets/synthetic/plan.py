"""Who appears in which picture: decided before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmpsearch.datasets.synthetic.options import SyntheticOptions
from mmpsearch.datasets.synthetic.scene import CROWD
from mmpsearch.datasets.synthetic.seeds import stream

_PROTECTED_APPEARANCES = 2
_COMPANY = (0.06, 0.17, 0.28, 0.29, 0.15, 0.05)  # of 1 to 6 people
_COMPANY_MEAN = 3.45
_CROWDS = 0.05


@dataclass(frozen=True)
class Role:
    """A person of a scene.

    Attributes:
        split: Split the identity is drawn from, with ``index`` its seed.
        index: Number within the split.
        person_id: Id in the annotation; -2 for unlabelled people, ``CROWD`` for the
            members of a crowd.
        protected: See :class:`mmpsearch.datasets.synthetic.scene.Member`.
    """

    split: str
    index: int
    person_id: int
    protected: bool = False


@dataclass(frozen=True)
class SceneSpec:
    """A picture to be rendered.

    Attributes:
        number: Position among all pictures of the data set; seeds the scene.
        split: ``'train'``, ``'gallery'`` or ``'query'``.
        camera: Absolute number of the camera.
        roles: Who appears.
        path: The picture's file, relative to the data set's root.
    """

    number: int
    split: str
    camera: int
    roles: tuple[Role, ...]
    path: str

    @property
    def name(self) -> str:
        """File name with extension."""
        return self.path.rsplit("/", 1)[-1]


class _Deck:
    """Deals the numbers 0..n-1 again and again in random order, evenly."""

    def __init__(self, rng: np.random.Generator, count: int) -> None:
        self.rng, self.count = rng, count
        self.cards: list[int] = []
        self.dealt = np.zeros(count, int)

    def deal(self, amount: int) -> list[int]:
        """``amount`` different numbers (fewer if there are not so many)."""
        hand: list[int] = []
        aside: list[int] = []
        while len(hand) < min(amount, self.count):
            if not self.cards:
                self.cards = [int(i) for i in self.rng.permutation(self.count)]
            card = self.cards.pop()
            if card in hand:
                aside.append(card)
            else:
                hand.append(card)
                self.dealt[card] += 1
        self.cards.extend(aside)
        return hand


def _amounts(rng: np.random.Generator, scenes: int, mean: float, total: int):
    """Labelled people per scene with the given mean; at least ``total`` altogether."""
    if mean > 2:
        drawn = 1 + rng.choice(6, scenes, p=_COMPANY)
        scaled = drawn * (mean / _COMPANY_MEAN) + rng.random(scenes) * 0.999
        amounts = np.maximum(1, np.floor(scaled)).astype(int)
    else:
        amounts = rng.poisson(mean, scenes)
    while amounts.sum() < total:
        amounts[rng.integers(scenes)] += 1
    return amounts


class _Extras:
    """Numbers people who appear in one picture only."""

    def __init__(self, options: SyntheticOptions) -> None:
        self.options, self.next = options, 0

    def draw(self, rng: np.random.Generator) -> list[Role]:
        if rng.random() >= self.options.unlabelled_fraction:
            return []
        amount = 1 + rng.integers(self.options.unlabelled_most)
        self.next += int(amount)
        start = self.next - int(amount)
        return [Role("unlabelled", start + i, -2) for i in range(int(amount))]


def _labelled_split(options, rng, split, scenes, identities, first_id, extras):
    """Roles of every scene of a split whose people come back."""
    who = "train" if split == "train" else "test"
    deck = _Deck(rng, identities)
    amounts = _amounts(
        rng, scenes, options.labelled_per_scene, identities * _PROTECTED_APPEARANCES
    )
    for amount in amounts:
        roles = []
        for card in deck.deal(int(amount)):
            early = deck.dealt[card] <= _PROTECTED_APPEARANCES
            roles.append(Role(who, card, first_id + card, bool(early)))
        roles += extras.draw(rng)
        if not roles:
            roles = [Role("unlabelled", extras.next, -2, True)]
            extras.next += 1
        if not any(role.protected for role in roles):
            first = roles[0]
            roles[0] = Role(first.split, first.index, first.person_id, True)
        yield tuple(roles)


def _unique_split(options, rng, scenes):
    """COCO: every person once; some scenes with a crowd, some empty."""
    extras, index = _Extras(options), 0
    amounts = _amounts(rng, scenes, options.labelled_per_scene, 0)
    for amount in amounts:
        chance = rng.random()
        roles = []
        if chance >= options.empty_fraction:
            roles = [Role("unique", index + i, -1) for i in range(int(amount))]
            index += int(amount)
            roles += extras.draw(rng)
        if 0 <= chance - options.empty_fraction < _CROWDS:
            roles += [Role("unique", index + i, CROWD) for i in range(6)]
            index += 6
        yield tuple(roles)


def make_plan(options: SyntheticOptions) -> list[SceneSpec]:
    """All pictures of a data set, in the order of their numbers."""
    rng = stream(options.seed, "plan", len(options.layout))
    if options.layout == "coco":
        parts = [("train", _unique_split(options, rng, options.scenes))]
    else:
        extras, first_test = _Extras(options), options.identities
        parts = []
        for split, scenes, identities, first_id in (
            ("train", options.scenes, options.identities, 0),
            ("gallery", options.gallery_scenes, options.test_identities, first_test),
            ("query", options.query_scenes, options.test_identities, first_test),
        ):
            if scenes:
                roles = _labelled_split(
                    options, rng, split, scenes, identities, first_id, extras
                )
                parts.append((split, roles))
    drafts = [(split, roles) for split, scenes in parts for roles in scenes]
    shuffled = rng.permutation(len(drafts))
    plan = []
    for number, (split, roles) in enumerate(drafts):
        camera = int(rng.integers(options.cameras))
        path = _path(options.layout, number, int(shuffled[number]), camera)
        plan.append(
            SceneSpec(number, split, options.first_camera + camera, roles, path)
        )
    return plan


def _path(layout: str, number: int, shuffled: int, camera: int) -> str:
    """The official file name: shuffled numbers, so that order tells no split."""
    if layout == "prw":
        return f"frames/c{camera + 1}s{shuffled % 3 + 1}_{151 + 25 * shuffled:06d}.jpg"
    if layout == "cuhk_sysu":
        return f"Image/SSM/s{shuffled + 1}.jpg"
    return f"train2017/{9 + 4 * shuffled:012d}.jpg"
