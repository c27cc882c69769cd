"""What Kilde answers of AQL, and whether a query is legal here: for builders of queries, who run nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from aql.features import FEATURES, used_features
from aql.params import parameter_names
from cdr.api.answers import json_answer
from cdr.api.deps import Work, body_of, queries_of, run
from cdr.errors import BadInput

router = APIRouter(tags=["KILDE"], prefix="/aql")

_MAX_BODY = 1024 * 1024


@router.get("/features")
async def list_features() -> Response:
    """List the features of AQL with an example of each and whether it is answered."""
    features = [
        {"key": feature.key, "example": feature.example, "support": feature.support.value}
        for feature in FEATURES.values()
    ]
    return json_answer({"language": "AQL", "release": "1.1.0", "features": features})


@router.post("/check")
async def check_query(request: Request) -> Response:
    """Say whether the query in `q` is answered, what it uses and what it hardly means; nothing is run."""
    try:
        body = orjson.loads(await body_of(request, limit=_MAX_BODY))
    except orjson.JSONDecodeError as error:
        raise BadInput("The body should be JSON.", code="AQL_BODY") from error
    text = body.get("q") if isinstance(body, dict) else None
    if not isinstance(text, str):
        raise BadInput("The body should have the query as the string q.", code="AQL_BODY")
    service = queries_of(request)

    def check() -> dict[str, Any]:
        checked = service.check(text)
        return {
            "features": list(used_features(checked.query)),
            "parameters": list(parameter_names(checked.query)),
            "columns": [{"name": column.name, "types": sorted(column.types)} for column in checked.columns],
            "notes": [asdict(remark) for remark in service.remarks(checked)],
        }

    return json_answer(await run(request, Work.READ, check))
