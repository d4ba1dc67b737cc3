"""How routes tell of themselves: identifiers, times, and the ways they refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, Field, StringConstraints

from service.api.problems import MEDIA_TYPE

Word = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
"""What a database takes as text."""
Id = Annotated[Word, Path(description="编号 id")]
_MEANT = {
    400: "请求有误 the request is wrong; `detail` says what",
    401: "没有有效的密钥 no key that holds",
    403: "不允许 not allowed",
    404: "没有，或不在本区 there is none, or it is another district's",
}


class ProblemOut(BaseModel):
    """One problem, RFC 9457."""

    type: str = Field(description="类型 always about:blank")
    title: str = Field(description="名称 name of the status")
    status: int = Field(description="状态码 HTTP status")
    detail: str = Field(description="说明 one sentence: what, where, what to do")


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Return what the description says of the problems that a route answers with."""
    return {
        code: {
            "description": _MEANT[code],
            "content": {MEDIA_TYPE: {"schema": ProblemOut.model_json_schema()}},
        }
        for code in codes
    }


def time_of(at_s: float) -> datetime:
    """Return a time as it is sent."""
    return datetime.fromtimestamp(at_s, UTC)
