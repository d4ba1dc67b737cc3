"""What Label Studio asks of a model: a service of its own, see `review serve-ml`.

It hands over a user's token at `/setup`: that is neither kept nor logged.
"""

from __future__ import annotations

import logging
import time
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, HTTPException, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from service.api.problems import add_problems
from service.keys import key_of
from service.review.boxes import Boxes, labelled
from service.store import Store
from vision.errors import AuditError, InputError
from vision.taxonomy import load_taxonomy

logger = logging.getLogger(__name__)

_BASIC = HTTPBasic(auto_error=False, description="any name, and a key as password")
_ROLES = ("reviewer", "admin")
_BODY_BYTES = 16 * 1024 * 1024
_NO_KEY = "give a key of role reviewer as the password of Basic authentication"
Said = Annotated[dict[str, Any], Body()]


def with_key(
    request: Request,
    shown: Annotated[HTTPBasicCredentials | None, Depends(_BASIC)],
) -> None:
    """Let those pass who show a key of a reviewer; others get 401 or 403."""
    store: Store = request.app.state.store
    key = None if shown is None else key_of(store, shown.password, time.time())
    if key is None:
        raise HTTPException(401, _NO_KEY, {"WWW-Authenticate": "Basic"})
    if key.role not in _ROLES:
        raise HTTPException(403, f"a key of role {key.role} may not; {_NO_KEY}")


def build_ml_backend(store: Store, boxes: Boxes) -> FastAPI:
    """Put the four routes of Label Studio's protocol together.

    Args:
        store: knows the keys.
        boxes: finds them.
    """
    app = FastAPI(
        title="六净 Liujing: boxes for Label Studio",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=_BODY_BYTES,
    )
    app.state.store = store
    app.state.boxes = boxes
    add_problems(app)
    key = [Depends(with_key)]
    app.get("/health")(health)
    app.get("/")(health)
    app.post("/setup", dependencies=key)(set_up)
    app.post("/predict", dependencies=key)(predict)
    app.post("/webhook", dependencies=key)(hear)
    return app


async def health() -> dict[str, str]:
    """Say that it lives."""
    return {"status": "UP", "model_class": "Liujing"}


def set_up(said: Said, request: Request) -> dict[str, str]:
    """Check that a project's labels are ours; name them where none is.

    Label Studio does not show what we answer, but sends people to our log.
    """
    boxes: Boxes = request.app.state.boxes
    try:
        labelled(_config(said, "schema"), boxes.card, load_taxonomy())
    except InputError as error:
        logger.warning("project refused", extra={"said": str(error)})
        raise
    return {"model_version": boxes.card.id}


def predict(said: Said, request: Request) -> dict[str, Any]:
    """Return our boxes on the pictures of tasks.

    A picture that cannot be had gives no boxes and a line in the log; where none can,
    the whole is refused, so that Label Studio asks again.
    """
    boxes: Boxes = request.app.state.boxes
    wanted = labelled(_config(said, "label_config"), boxes.card, load_taxonomy())
    tasks = said.get("tasks")
    if not isinstance(tasks, list) or not all(isinstance(t, dict) for t in tasks):
        msg = "tasks must be a list of tasks"
        raise InputError(msg)
    results, failed = [], []
    for task in tasks:
        try:
            results.append(boxes.predict(task, wanted))
        except AuditError as error:
            facts = {"task": task.get("id"), "said": str(error)}
            logger.warning("no boxes for a task", extra=facts)
            failed.append(error)
            results.append({"result": [], "score": 0.0})
    if failed and len(failed) == len(tasks):
        raise failed[0]
    return {"results": results, "model_version": boxes.card.id}


async def hear(said: Said) -> dict[str, str]:
    """Take note of what happens in a project: nothing follows from it here."""
    return {"heard": str(said.get("action", ""))[:40]}


def _config(said: dict[str, Any], field: str) -> str:
    config = said.get(field)
    if not isinstance(config, str) or not config.strip():
        msg = f"{field} must be the project's labelling page"
        raise InputError(msg)
    return config
