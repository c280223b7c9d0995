"""What a sampler puts together in a batch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BatchShape:
    """The groups that must stay together; ``sampler.batch_shape`` of our samplers.

    Attributes:
        size: pictures in the batch of one process, the loader's ``batch_size``.
        text: how the size comes about, for messages.
        people: different people in it; None where nobody counts them.
        pictures: of each of them.
    """

    size: int
    text: str
    people: int | None = None
    pictures: int | None = None
