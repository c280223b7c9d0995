"""``--cfg-options KEY=VALUE`` of the command lines."""

import argparse
import ast
from typing import Any

from mmengine.config import DictAction

_BRACKETS = ("[", "(", "{", "dict(")


class OptionsAction(DictAction):
    """MMEngine's ``DictAction``, also for nested values; wrong ones in one line.

    What begins with a bracket is read as Python would: ``"[{'type': 'A'}, 2]"``,
    ``"[dict(type=mmengine.EMAHook, momentum=1e-4)]"``; a name without quotes is text.
    """

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        options = dict(getattr(namespace, self.dest, None) or {})
        for text in values:
            key, equals, value = text.partition("=")
            if not equals or not key:
                parser.error(f"{option_string}: {text!r} is not KEY=VALUE, like a.b=1")
            try:
                options[key] = parse_value(value)
            except ValueError as error:
                parser.error(f"{option_string}: {key}: {error}")
        setattr(namespace, self.dest, options)


def add_options_argument(parser: argparse.ArgumentParser) -> None:
    """``--cfg-options``, which every program with a config takes."""
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        action=OptionsAction,
        default={},
        metavar="KEY=VALUE",
        help="change the config: a.b=1 c.0.d=x e='[1,2]' f='[dict(type=mmdet.A)]'",
    )


def parse_value(text: str) -> Any:
    """The Python value that an option's text means.

    Args:
        text: what stands after the ``=``.

    Returns:
        A number, bool, None, text, or lists, tuples and dicts of these.

    Raises:
        ValueError: it cannot be read.
    """
    if text.startswith(_BRACKETS):
        try:
            return _value(ast.parse(text, mode="eval").body)
        except (SyntaxError, ValueError):
            if "dict(" in text or "{" in text:
                raise ValueError(
                    f"{text!r} cannot be read; close its brackets and put texts in "
                    "quotes, such as \"[{'type': 'A', 'path': '/b'}]\""
                ) from None
    if "," in text or text.startswith(_BRACKETS):
        return DictAction._parse_iterable(text)  # [a-b,c] is a list of two texts
    return DictAction._parse_int_float_bool(text.strip("'\""))  # spaces stay


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Dict):
        keys = [_value(key) for key in node.keys if key is not None]
        return dict(zip(keys, map(_value, node.values), strict=True))
    if isinstance(node, ast.Call):
        plain = isinstance(node.func, ast.Name) and node.func.id == "dict"
        if not plain or node.args or any(word.arg is None for word in node.keywords):
            raise ValueError(ast.unparse(node))
        return {word.arg: _value(word.value) for word in node.keywords}
    if isinstance(node, ast.List | ast.Tuple):
        items = [_value(item) for item in node.elts]
        return items if isinstance(node, ast.List) else tuple(items)
    if isinstance(node, ast.Name):
        return {"true": True, "false": False}.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return ast.unparse(node)
    return ast.literal_eval(node)
