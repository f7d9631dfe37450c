"""Undefined variables in our own templates are failures; those of libraries stay empty, as ever."""

import sys

from django.conf import settings
from django.template.base import FilterExpression, Node

OWN_TEMPLATES = str(settings.BASE_DIR / "templates")


class UndefinedVariable(AssertionError):
    """A template of TPS shows a variable that its view did not give."""


class Undefined(str):
    """The `string_if_invalid` of tests: Django asks whether it is true before it uses it."""

    __slots__ = ()

    def __bool__(self):
        expression, frame = None, sys._getframe(1)
        while frame is not None:
            owner = frame.f_locals.get("self")
            if expression is None and isinstance(owner, FilterExpression):
                expression = owner
            elif isinstance(owner, Node) and getattr(owner, "origin", None) is not None:
                _refuse(expression, owner)
                break
            frame = frame.f_back
        return False


def _refuse(expression: FilterExpression | None, node: Node) -> None:
    """Raise where a template of ours shows nothing without having said so with `default`."""
    is_ours = str(node.origin.name).startswith(OWN_TEMPLATES)
    if expression is None or not is_ours:
        return
    filters = {getattr(function, "_filter_name", "") for function, _ in expression.filters}
    if not filters & {"default", "default_if_none"}:
        line = getattr(getattr(node, "token", None), "lineno", "?")
        raise UndefinedVariable(f"{expression.token} ({node.origin.name}:{line})")
