"""What ``mmpsearch gallery`` does: one module an action; the archive adds ``load``."""

from mmpsearch.gallery.actions import (
    allow,
    compact,
    forget,
    info,
    migrate,
    remove,
    restore,
    retention,
    seen_on,
    suppressed,
)

ACTIONS = {
    module.__name__.rpartition(".")[2].replace("_", "-"): module
    for module in (
        info,
        seen_on,
        remove,
        suppressed,
        allow,
        forget,
        retention,
        migrate,
        restore,
        compact,
    )
}

__all__ = ["ACTIONS"]
