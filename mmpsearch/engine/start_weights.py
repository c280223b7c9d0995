"""Before training: bring the weights it starts from, and say which they are."""

import logging

from mmengine import dist
from mmengine.config import Config
from mmengine.logging import print_log

from mmpsearch.engine.named_init import NamedInit
from mmpsearch.zoo.start_weights import (
    RANDOM,
    is_published,
    prepare,
    require_known,
    start_weights,
)


def announce_start_weights(config: Config) -> None:
    """Download what a training starts from, and log it; before data is read.

    Every rank may call this; the first one downloads. A published recipe that starts
    from random weights gets a warning of one line.

    Args:
        config: of the training. A resumed one reads all weights from its checkpoint.

    Raises:
        ZooError, CheckpointError, DownloadError: naming the place in the config; where
            weights cannot be had, with the ways out.
    """
    if config.get("resume"):
        return
    require_known(config.model)
    if dist.is_main_process():
        found = prepare(config.model)
        for weights, file in found:
            place = f" ({file})" if file else ""
            print_log(f"start weights: {weights}{place}", logger="current")
    dist.barrier()
    at_random = [w.place for w in start_weights(config.model) if w.name == RANDOM]
    if at_random:
        _warn(f"{', '.join(at_random)} STARTS FROM RANDOM WEIGHTS")
        NamedInit.said_aloud = True
    elif not start_weights(config.model) and not config.get("load_from"):
        if is_published(config.filename):
            _warn("EVERY WEIGHT STARTS AT RANDOM")
        else:
            print_log("start weights: none, all are random", logger="current")


def _warn(text: str) -> None:
    print_log(
        f"{text}: the published numbers need the weights that the config names",
        logger="current",
        level=logging.WARNING,
    )
