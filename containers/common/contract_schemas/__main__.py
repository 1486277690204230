"""`python -m contract_schemas`: prints the JSON Schemas of all settings, by stage. `npm run generate` calls it.

The packages of the three programs must be on the path, but nothing that they compute with (torch, pycolmap, faiss).
"""

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from spaceport_compression.settings import CompressionSettings
from spaceport_gaussian_splatting.settings import TrainingSettings
from spaceport_sfm.settings import SfmSettings

SETTINGS: dict[str, type[BaseModel]] = {
    "sfm": SfmSettings,
    "training": TrainingSettings,
    "compression": CompressionSettings,
}


class _WithoutFieldTitles(GenerateJsonSchema):
    """A field's title only repeats its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema of what `model` reads, under the names of JSON."""
    return model.model_json_schema(schema_generator=_WithoutFieldTitles)


if __name__ == "__main__":
    print(json.dumps({"settings": {stage: schema(model) for stage, model in SETTINGS.items()}}))
