"""`python -m contract_schemas`: prints what `npm run generate` needs of the programs' models, as JSON.

The packages of the three programs must be on the path, but nothing that they compute with (torch, pycolmap, faiss).
"""

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from spaceport_common.opening_view import MIN_COVERED_PERCENT
from spaceport_compression.report import CompressionReport
from spaceport_compression.settings import MIN_DECODED_PSNR_DB
from spaceport_gaussian_splatting.report import TrainingReport
from spaceport_gaussian_splatting.settings import MIN_GAUSSIANS
from spaceport_sfm.photos_file import PhotosFile
from spaceport_sfm.report import SfmReport
from spaceport_sfm.scene_file import SceneFile

REPORTS: dict[str, type[BaseModel]] = {"sfm": SfmReport, "training": TrainingReport, "compression": CompressionReport}
SETTINGS: dict[str, Any] = {stage: report.model_fields["options"].annotation for stage, report in REPORTS.items()}
FILES: dict[str, type[BaseModel]] = {"photos": PhotosFile, "scene": SceneFile}
"""Files beside the reports that people's programs read, by their names without `.json`."""


class _WithoutFieldTitles(GenerateJsonSchema):
    """A field's title only repeats its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema of `model`, under the names of JSON."""
    return model.model_json_schema(schema_generator=_WithoutFieldTitles)


def report_schema(model: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema of what the workflow takes as a report: models that mark fields as REQUIRED require only those.

    Settings have a schema of their own; here they are any object.
    """
    full = schema(model)
    options = full["properties"]["options"].pop("$ref").split("/")[-1]
    full["properties"]["options"]["type"] = "object"
    definitions = {name: part for name, part in full.pop("$defs").items() if name not in (options, "ResolutionStage")}
    for part in [full, *definitions.values()]:
        required = [name for name, field in part["properties"].items() if field.pop("required", False)]
        part["required"] = required or part.get("required", [])
    return {**full, "$defs": definitions}


if __name__ == "__main__":
    everything = {
        "settings": {stage: schema(model) for stage, model in SETTINGS.items()},
        "reports": {stage: report_schema(model) for stage, model in REPORTS.items()},
        "files": {name: schema(model) for name, model in FILES.items()},
        "constants": {
            "MIN_GAUSSIANS": MIN_GAUSSIANS,
            "MIN_DECODED_PSNR_DB": MIN_DECODED_PSNR_DB,
            "MIN_COVERED_PERCENT": MIN_COVERED_PERCENT,
        },
    }
    print(json.dumps(everything))
