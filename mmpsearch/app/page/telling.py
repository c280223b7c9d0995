"""Errors as sentences on the page, in place of a traceback or a pop-up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps

import gradio as gr

from mmpsearch.app.cards import note
from mmpsearch.errors import UserError

_LOG = logging.getLogger(__name__)


def told(fields: int) -> Callable:
    """A handler whose errors are told.

    Args:
        fields: Number of outputs before the last one, which takes the sentence.

    Returns:
        Decorates a function that returns as many values; the handler returns one more.
    """

    def decorate(function: Callable) -> Callable:
        @wraps(function)
        def handler(*args, **kwargs):
            try:
                values = function(*args, **kwargs)
            except (UserError, OSError, ImportError) as error:
                return *[gr.skip()] * fields, note(str(error), "error")
            except KeyError as error:
                return *[gr.skip()] * fields, note(str(error.args[0]), "error")
            if fields == 0:
                return values or ""
            values = values if isinstance(values, tuple) else (values,)
            said = values[fields] if len(values) > fields else ""
            return *values[:fields], said

        return handler

    return decorate


def user_of(request: gr.Request | None) -> str:
    """Who is logged in; ``""`` where nobody has to."""
    return (request and request.username) or ""
