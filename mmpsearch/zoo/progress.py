"""Show how far a download is."""

from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from mmpsearch.zoo.http import Progress


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """A bar on a terminal, nothing elsewhere; give what is yielded to `fetch`."""
    with tqdm(
        desc=title, unit="B", unit_scale=True, unit_divisor=1024, disable=None
    ) as bar:

        def show(done: int, total: int | None) -> None:
            bar.total = total
            bar.n = done
            bar.refresh()

        yield show
