"""What a data set does with an image that cannot be read."""

from __future__ import annotations

from mmpsearch.errors import DataOptionError, UnreadableImageError

CHOICES = ("error", "skip")


class SkipsBadImages:
    """Mixin before ``BaseDataset``: another image in place of a bad one, if asked.

    The class has ``NAME``, ``test_mode`` and ``note``, and calls
    :meth:`set_on_bad_image` in its constructor.
    """

    on_bad_image = "error"

    def set_on_bad_image(self, choice: str) -> None:
        """Choose what a bad image does.

        Args:
            choice: ``'error'``: it stops the run. ``'skip'``: in training another
                image takes its place, with a warning that counts; in testing it is
                an error all the same, since numbers of a part would mislead.

        Raises:
            DataOptionError: Another word.
        """
        if choice not in CHOICES:
            raise DataOptionError(
                f"{self.NAME}: on_bad_image {choice!r} is not 'error' or 'skip'."
            )
        self.on_bad_image = choice
        self._bad_images: set[str] = set()

    def prepare_data(self, idx: int) -> dict | None:
        """Run the pipeline; None asks for another image in place of a bad one."""
        try:
            return super().prepare_data(idx)
        except UnreadableImageError as error:
            if self.on_bad_image == "error" or self.test_mode:
                raise
            if str(error) not in self._bad_images:
                self._bad_images.add(str(error))
                self.note(
                    "images skipped while loading",
                    len(self._bad_images),
                    f"unreadable images skipped so far in this process: {error}",
                )
            return None
