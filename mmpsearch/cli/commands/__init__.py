"""Sub-commands: a module each, with ``add_arguments(parser)`` and ``run(arguments)``.

The first line of the module's docstring is its help. Heavy imports belong into the two
functions: only those of the command that is called are called.
"""
