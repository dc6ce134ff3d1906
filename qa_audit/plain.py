"""What pydantic refuses goes in, sentences that an author understands come out, each at its line and column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from enum import Enum
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from qa_audit.errors import Problem
from qa_audit.located import Located, Where

NEAR = 0.6
"""How alike two words must be (difflib's ratio) to be suggested for one another."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)` for the nearest known word, or nothing."""
    near = get_close_matches(word.lower(), list(known), n=1, cutoff=NEAR)
    return f" (did you mean '{near[0]}'?)" if near else ""


def problems_of(error: ValidationError, file: Located, *, model: type[BaseModel], root: Where = ()) -> Iterator[Problem]:
    """One problem for each thing wrong; `root` leads to the value that was held against `model`."""
    details = error.errors(include_url=False)
    unknown = {detail["loc"] for detail in details if detail["type"] == "extra_forbidden"}
    seen: set[tuple[Where, str]] = set()
    for detail in details:
        if _follows_from_another(detail, details, unknown):
            continue
        where = _in_file(file, (*root, *detail["loc"]))
        is_unknown = detail["loc"] in unknown
        message = _unknown_key(detail["loc"], model) if is_unknown else _message(detail, where, model)
        if (where, message) not in seen:
            seen.add((where, message))
            yield file.problem(where, message, key=is_unknown)


def _follows_from_another(detail: Any, details: Iterable[Any], unknown: Iterable[tuple[str | int, ...]]) -> bool:
    """A key that is only misspelt is not missing as well, and a list is not too short because what is in it is wrong."""
    loc = detail["loc"]
    if detail["type"] == "missing":
        beside = [str(other[-1]) for other in unknown if other[:-1] == loc[:-1]]
        return bool(get_close_matches(str(loc[-1]), beside, n=1, cutoff=NEAR))
    return detail["type"] == "too_short" and any(other["loc"][: len(loc)] == loc and other is not detail for other in details)


def _in_file(file: Located, loc: tuple[str | int, ...]) -> Where:
    """pydantic's path without the steps it adds itself (members of unions) and without list positions the author did not write."""
    where: Where = ()
    for step in loc:
        if (*where, step) in file.values:
            where = (*where, step)
    return where


def _message(detail: Any, where: Where, model: type[BaseModel]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return f"`{detail['loc'][-1]}` is missing: {_description(detail['loc'], model)}"
    if kind == "value_error":
        return str(context["error"])
    name = f"`{next((step for step in reversed(where) if isinstance(step, str)), 'this')}`"
    if kind in {"enum", "literal_error"}:
        return _choice(detail["input"], context["expected"])
    template = "{name} is empty" if kind == "too_short" and not context["actual_length"] else _MESSAGES.get(kind)
    if template is None:
        return f"{name}: {detail['msg'][0].lower()}{detail['msg'][1:]}"
    return template.format(name=name, got=_called(detail["input"]), **context)


_MESSAGES: Mapping[str, str] = {
    "string_type": "{name} is text, not {got}",
    "string_too_short": "{name} is empty",
    "string_too_long": "{name} has more than {max_length} characters",
    "string_pattern_mismatch": "{name} is written by `qa-audit rules confirm`, not by hand",
    "bool_type": "{name} is true or false, not {got}",
    "bool_parsing": "{name} is true or false, not {got}",
    "int_type": "{name} is a whole number, not {got}",
    "int_parsing": "{name} is a whole number, not {got}",
    "int_from_float": "{name} is a whole number, not {got}",
    "float_type": "{name} is a number, not {got}",
    "float_parsing": "{name} is a number, not {got}",
    "greater_than_equal": "{name} is at least {ge:g}, not {got}",
    "less_than_equal": "{name} is at most {le:g}, not {got}",
    "greater_than": "{name} is more than {gt:g}, not {got}",
    "tuple_type": "{name} is a list, not {got}",
    "list_type": "{name} is a list, not {got}",
    "dict_type": "{name} holds keys and values, not {got}",
    "model_type": "{name} holds keys and values, not {got}",
    "model_attributes_type": "{name} holds keys and values, not {got}",
    "too_short": "{name} has at least {min_length} entries, not {actual_length}",
    "is_instance_of": "{name} is a length such as 90s, 3 turns or 10%, not {got}",
}


def _called(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return f"'{value}'" if len(value) <= 40 else f"'{value[:37]}...'"
        case int() | float():
            return f"{value:g}"
        case list() | tuple():
            return "a list"
        case _:
            return "keys and values"


def _choice(value: object, expected: str) -> str:
    words = [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]
    hint = did_you_mean(value, words) if isinstance(value, str) else ""
    return f"{_called(value)} is none of {', '.join(words)}{hint}"


def _unknown_key(loc: tuple[str | int, ...], model: type[BaseModel]) -> str:
    known = _keys(_model_at(loc[:-1], model))
    hint = did_you_mean(str(loc[-1]), known) or f"; there are {', '.join(known)}"
    return f"unknown key '{loc[-1]}'{hint}"


def _description(loc: tuple[str | int, ...], model: type[BaseModel]) -> str:
    owner = _model_at(loc[:-1], model)
    found = next((field for name, field in owner.model_fields.items() if loc[-1] in {name, field.alias}), None)
    text = (found.description if found else None) or "it is needed"
    return text[0].lower() + text[1:].rstrip(".")


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(loc: tuple[str | int, ...], model: type[BaseModel]) -> type[BaseModel]:
    """The model that a path of pydantic's leads to."""
    for step in loc:
        field = next((field for name, field in model.model_fields.items() if step in {name, field.alias}), None)
        if field is not None:
            model = next(_models_in(field.annotation), model)
    return model


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif not (isinstance(annotation, type) and issubclass(annotation, Enum)):
        for inner in get_args(annotation):
            yield from _models_in(inner)
