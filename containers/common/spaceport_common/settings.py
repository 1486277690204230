"""Settings: one JSON file in the `config` input, validated; an unknown key is an error."""

from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from .errors import StageError


def doc(meaning: str, **bounds: float) -> Any:
    """What a field means, and its bounds (ge, gt, le, lt). Where the line has no room, a docstring below says it."""
    return Field(description=meaning, **cast(Any, bounds))


class Settings(BaseModel):
    """Base of each program's settings: camelCase in JSON, strict types, no unknown key.

    A model is the one declaration of its settings: `npm run generate` makes JSON Schemas, TypeScript types and the
    tables of docs/container-contract.md from types, bounds and meanings.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        strict=True,
        frozen=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


S = TypeVar("S", bound=Settings)


def load_settings(model: type[S], config_dir: Path) -> S:
    """Reads `settings.json` of the `config` input. Raises StageError `SETTINGS_INVALID` that names every bad field."""
    path = config_dir / "settings.json"
    try:
        return model.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise StageError("SETTINGS_INVALID", f"the settings file {path} is missing") from None
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors())
        raise StageError("SETTINGS_INVALID", problems) from None
