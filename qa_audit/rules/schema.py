"""Nothing goes in, the JSON Schema of rule files comes out: editors complete keys and underline mistakes while one writes."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import models_json_schema

from qa_audit.rules.shape import KEBAB, BehaviourShape, RuleShape, StandardShape

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """One schema for all three kinds of file: whichever keys are there tell which kind it is, as for the loader."""
    models = (BehaviourShape, RuleShape, StandardShape)
    _, definitions = models_json_schema([(model, "validation") for model in models], by_alias=True)
    behaviour, rule, standard = ({"$ref": f"#/$defs/{model.__name__}"} for model in models)
    return {
        "$schema": _DIALECT,
        "title": "qa-audit rule files",
        "description": "A rule, behaviours by name, or the service standard.",
        "type": "object",
        "if": {"anyOf": [{"required": ["clauses"]}, {"required": ["promise"]}]},
        "then": standard,
        "else": {
            "if": {"anyOf": [{"required": ["clause"]}, {"required": ["severity"]}]},
            "then": rule,
            "else": {"propertyNames": {"pattern": f"^{KEBAB.pattern}$"}, "additionalProperties": behaviour},
        },
        "$defs": {name: _without_nothing(definition) for name, definition in definitions["$defs"].items()},
    }


def schema_text() -> str:
    """The schema as `rules/schema.json` holds it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _without_nothing(schema: Any) -> Any:
    """The schema without pydantic's `null` for keys left out, since nobody writes it, and without its titles and defaults of nothing."""
    if isinstance(schema, list):
        return [_without_nothing(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    cleaned = {key: _without_nothing(value) for key, value in schema.items() if not (key == "default" and value is None)}
    if isinstance(cleaned.get("title"), str):
        del cleaned["title"]
    choices = [inner for inner in cleaned.pop("anyOf", []) if inner != {"type": "null"}]
    if len(choices) == 1:
        return {**choices[0], **cleaned}
    return {**cleaned, "anyOf": choices} if choices else cleaned
