"""The OpenAPI description: what every route may answer, said in one place."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field

from service.api.problems import MEDIA_TYPE, phrase_of

SUMMARY = "城市道路洁净度得分，附理由、图片与不确定度。"
DESCRIPTION = """\
Cleanliness scores of city streets with their reasons, pictures and doubt.

每个请求须带密钥 Every request shows its key: `Authorization: Bearer KEY` or
`X-API-Key: KEY`. 密钥限定区域时，其他区域的对象一律答 404 What lies outside of a key's
district is answered with 404. 错误以 problem+json (RFC 9457) 返回 Errors are problems.
"""
_REF = "#/components/schemas/"
_AUTOMATIC = ("HTTPValidationError", "ValidationError")


class Problem(BaseModel):
    """One problem (RFC 9457)."""

    type: str = Field(description="类型 always `about:blank`")
    title: str = Field(description="状态名 name of the status")
    status: int = Field(description="HTTP 状态码 HTTP status", ge=400, le=599)
    detail: str = Field(description="说明 one sentence: what, where, what to do")


_ANY = {
    400: "请求有误 Something in the request cannot be; `detail` names it",
    404: "没有此对象，或不在密钥的区域内 Nothing has this name, or another district's",
    409: "与现状冲突 It cannot be done as things stand",
    410: "已删除 What it needs was deleted, as its deadline says",
    413: "内容过大 The body is too large",
    422: "无法处理 The request cannot be done",
    429: "请求过于频繁 Too often; `Retry-After` says when to ask again",
    500: "服务内部错误 The service failed; its log says why",
    503: "服务暂不可用 The store cannot be used at the moment",
    507: "磁盘空间不足 There is no room on the disk",
}
_WITH_KEY = {
    401: "没有有效的密钥 No key that holds",
    403: "密钥的角色无此权限 A key of this role may not",
}


def describe(app: FastAPI) -> None:
    """Let an app describe itself with all that its routes may answer."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    whole = get_openapi(
        title=app.title,
        version=app.version,
        summary=SUMMARY,
        description=DESCRIPTION,
        routes=app.routes,
    )
    for path in whole["paths"].values():
        for operation in path.values():
            _complete(operation)
    schemas = whole.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    for name in _AUTOMATIC:
        schemas.pop(name, None)
    return whole


def _complete(operation: dict[str, Any]) -> None:
    """Add the problems that a route may answer with, unless it describes its own."""
    answers = operation["responses"]
    if _is_automatic(answers.get("422", {})):
        del answers["422"]
    problems = {**_ANY, **(_WITH_KEY if operation.get("security") else {})}
    for status, meaning in problems.items():
        answers.setdefault(str(status), _problem(status, meaning))
    operation["responses"] = dict(sorted(answers.items()))


def _is_automatic(answer: dict[str, Any]) -> bool:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).removeprefix(_REF) in _AUTOMATIC


def _problem(status: int, meaning: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": f"{phrase_of(status)}: {meaning}",
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_REF}Problem"}}},
    }
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        answer["headers"] = {
            "Retry-After": {"description": "秒 seconds", "schema": {"type": "integer"}}
        }
    return answer
