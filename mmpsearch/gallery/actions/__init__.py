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
    suppressed,
)

ACTIONS = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        info,
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
