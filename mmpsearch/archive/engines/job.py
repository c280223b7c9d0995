"""What every engine is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.tracks.byte_track import TrackOptions
from mmpsearch.archive.folder import Archive
from mmpsearch.archive.planning import plan
from mmpsearch.archive.progress import Progress
from mmpsearch.datasets.io.picture_files import LeftOut
from mmpsearch.gallery.detections import ModelFingerprint


@dataclass
class Job:
    """Extract the people of some sources into an archive.

    Attributes:
        sources: Files, folders, patterns, lists of cameras.
        out: Folder of the archive.
        load: Makes the inferencer; called in every process that needs one, to which
            it must be picklable.
        tracks: Keep tracks in place of every sighting.
        options: Further ones of ``plan``: ``frame_step``, ``segment_frames``, ...
        retry_failed: Units that failed before are tried again.
        quiet: Nothing is shown on the terminal; ``progress.json`` is written anyway.
        decoders: Of Ray: processes that read, for each that finds; at least 1.
        workers: Of Ray: processes that find; None: one a GPU, or one for two cores.
        left_out: Receives what the search of folders passed over.
    """

    sources: object
    out: str
    load: Callable[[], SceneInferencer]
    tracks: TrackOptions | None = None
    options: dict = field(default_factory=dict)
    retry_failed: bool = False
    quiet: bool = False
    decoders: int = 1
    workers: int | None = None
    left_out: LeftOut = field(default_factory=LeftOut)

    def settings(self, score_threshold: float) -> dict[str, float]:
        """What must be the same whenever the archive grows."""
        fps, step = self.options.get("fps"), self.options.get("frame_step", 1)
        rate = {"frame_step": float(step)} if fps is None else {"fps": float(fps)}
        return {
            "score_threshold": float(score_threshold),
            "tracks": float(self.tracks is not None),
            **rate,
        }

    def plan(
        self, archive: Archive, fingerprint: ModelFingerprint, score_threshold: float
    ) -> None:
        """Plan the sources, and failed units again if that is wanted."""
        settings = self.settings(score_threshold)
        plan(
            archive,
            self.sources,
            fingerprint,
            settings,
            left_out=self.left_out,
            **self.options,
        )
        if self.retry_failed:
            archive.retry(archive.in_state("failed"))

    def progress(self, archive: Archive) -> Progress:
        """Follows the extraction of what is pending now."""
        return Progress(archive, quiet=self.quiet)
