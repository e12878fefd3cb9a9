"""Parts of the description that several routes share."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from exchange_hub.portal.api.models import Problem
from exchange_hub.portal.problems import MEDIA_TYPE, TITLES

PACKAGE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "数据包（zip 或 tar.gz，根目录有 manifest.json） the package itself, not a form",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("application/zip", "application/gzip", "application/octet-stream")
        },
    }
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Problem documents that a route may answer with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    found: dict[int | str, dict[str, Any]] = {}
    for status in (*statuses, 401, 429, 503):
        found[status] = {"description": TITLES[status], "content": {MEDIA_TYPE: {"schema": schema}}}
    return found


def complete(app: FastAPI) -> None:
    """Let the application describe itself with the problem document and without the framework's own error bodies."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes, tags=[]
            )
            schemas = found.setdefault("components", {}).setdefault("schemas", {})
            schemas["Problem"] = Problem.model_json_schema()
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            for path in found["paths"].values():
                for operation in path.values():
                    _describe_422(operation["responses"])
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _describe_422(responses: dict[str, Any]) -> None:
    if "422" in responses:
        responses.update({str(key): value for key, value in problems(422).items() if key == 422})
