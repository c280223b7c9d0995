"""What more than one part of the package needs."""

from importlib import import_module


def register_all_modules(init_default_scope: bool = True) -> None:
    """Import everything that registers itself, as in MMDetection's ``utils``.

    MMEngine asks for it where it finds a name that it does not know. Whoever builds
    from a config needs it only without ``custom_imports``.

    Args:
        init_default_scope: also make ``mmpsearch`` the default scope.
    """
    registry = import_module("mmpsearch.registry")
    for own in vars(registry).values():
        if isinstance(own, registry.Registry) and own.scope == registry.SCOPE:
            for location in own._locations:
                import_module(location)
    if init_default_scope:
        from mmengine.registry import init_default_scope as make_default

        make_default(registry.SCOPE)
