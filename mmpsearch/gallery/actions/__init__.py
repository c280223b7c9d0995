"""What ``mmpsearch gallery`` does: one module an action."""

from mmpsearch.gallery.actions import (
    allow,
    compact,
    forget,
    info,
    load,
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
        load,
        compact,
    )
}

__all__ = ["ACTIONS"]
