"""The review desk in Label Studio: the only file that knows its SDK."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError

from service.review.base import DeskError, DeskTask, TaskView
from service.review.forms import prediction, task_data
from service.review.page import KEY_FIELD, instructions, labelling_page, page_problems
from service.review.pictures import Link
from service.review.words import Words

HOOK_ACTIONS = ("ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_DELETED")
SAMPLING = "Uncertainty sampling"
"""The task of the lowest score comes first, and our scores fall with the value."""
VIEW, ORDER = "待复核", "tasks:predictions_score"
"""The list that reviewers start from gives tasks out in its own order."""
_HIDDEN = [
    f"tasks:{name}"
    for name in (
        "inner_id", "completed_at", "cancelled_annotations", "total_predictions",
        "annotations_results", "annotations_ids", "predictions_score",
        "predictions_model_versions", "predictions_results", "file_upload",
        "storage_filename", "created_at", "updated_at", "updated_by", "avg_lead_time",
        "draft_exists", "data.head", "data.views", "data.about", f"data.{KEY_FIELD}",
    )
]  # fmt: skip
_SET_UP = "run liujing review setup"
_PAGE = 100
_TIMEOUT_S = 60.0
_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Place:
    """Where the desk stands and who we are there.

    Attributes:
        url: of Label Studio.
        token: of its administrator; a personal or a legacy one.
        project: title of ours.
        hook_url: where it tells us of answers.
        hook_key: returns a key of ours for it; called only where it has none.
        holds: says if a key that it shows is good.
    """

    url: str
    token: str
    project: str
    hook_url: str
    hook_key: Callable[[], str]
    holds: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Shown:
    """What tasks are made of.

    Attributes:
        words: of the page.
        link: makes a link of a picture's name.
        size_of: returns a picture's width and height, pixels.
        utc_offset_h: of the city's clock.
    """

    words: Words
    link: Link
    size_of: Callable[[str], tuple[int, int]]
    utc_offset_h: float


class LabelStudioDesk:
    """One project of one Label Studio.

    Args:
        place: where it stands.
        shown: what tasks are made of.

    Raises:
        DeskError: the token cannot be one.
    """

    def __init__(self, place: Place, shown: Shown) -> None:
        self._place = place
        self._shown = shown
        self._project_id: int | None = None
        with self._saying():
            client: Any = LabelStudio  # its types hold less than its answers
            self._client = client(
                base_url=place.url.rstrip("/"),
                api_key=place.token,
                httpx_client=httpx.Client(
                    timeout=_TIMEOUT_S,
                    follow_redirects=True,
                    # None is kept open: its server may be started anew at any time.
                    limits=httpx.Limits(max_keepalive_connections=0),
                ),
            )

    def problems(self) -> tuple[str, ...]:
        """Say what is wrong with the project, a sentence each; empty if nothing is."""
        with self._saying():
            project = self._found()
            if project is None:
                said = f"there is no project called {self._place.project}"
                return (f"{said}; {_SET_UP}",)
            found = list(page_problems(project.label_config or "", self._shown.words))
            if project.sampling != SAMPLING or not self._is_ordered(project.id):
                found.append("its tasks are not given out by their value")
            hook = self._hook(project.id)
            if hook is None:
                found.append(f"it has no webhook to {self._place.hook_url}")
            elif not self._is_good(hook):
                found.append("its webhook is off, tells too little or shows an old key")
        return tuple(f"{one}; {_SET_UP}" for one in found)

    def repair(self) -> tuple[str, ...]:
        """Make the project, or put it right; say what was done, a sentence each."""
        done = []
        with self._saying():
            project = self._found()
            if project is None:
                project = self._client.projects.create(
                    title=self._place.project,
                    label_config=labelling_page(self._shown.words),
                    **_rules(),
                )
                done.append(f"made the project {self._place.project}")
            else:
                self._refuse_others(project)
                done += self._repair_page(project)
            self._project_id = project.id
            done += self._repair_view(project.id)
            done += self._repair_hook(project.id)
        return tuple(done)

    def add(self, tasks: Sequence[TaskView]) -> Mapping[str, int]:
        """Put tasks before people, all or none; return key -> the desk's number."""
        if not tasks:
            return {}
        forms = [
            {
                "data": self._data(task),
                "predictions": [prediction(task, self._shown.size_of(task.best.image))],
            }
            for task in tasks
        ]
        with self._saying():
            made = self._client.projects.import_tasks(
                self._project(), request=forms, return_task_ids=True
            )
        numbers = made.task_ids or []
        if len(numbers) != len(tasks):
            msg = (
                f"Label Studio took {len(numbers)} of {len(tasks)} tasks; run "
                "liujing review push again"
            )
            raise DeskError(msg)
        return {task.key: number for task, number in zip(tasks, numbers, strict=True)}

    def find(self, token: str) -> int | None:
        """Return the desk's number of a task; None if there is none."""
        query = _equal(f"data.{KEY_FIELD}", token)
        with self._saying():
            found = [task.id for task in self._tasks(query)]
        return min(found, default=None)

    def renew(self, task_id: int, task: TaskView) -> None:
        """Give a task new links to its pictures; what people drew stays."""
        with self._saying(task_id):
            numbered = self._tasks(_equal("id", task_id, "Number"))
            if any(one.token != task.token for one in numbered):
                msg = (
                    f"task {task_id} of Label Studio at {self._place.url} is another "
                    f"than {task.key}; run liujing review sync"
                )
                raise DeskError(msg)
            self._client.tasks.update(str(task_id), data=self._data(task))

    def withdraw(self, task_id: int, token: str) -> bool:
        """Take a task back; False if somebody began to answer it, then it stays."""
        with self._saying():
            for task in self._tasks(_equal("id", task_id, "Number")):
                if task.token != token:  # another desk gave its number to this one
                    continue
                if task.drafted or task.annotations:
                    return False
                self._client.tasks.delete(str(task_id))
        return True

    def changed(self, since_s: float | None) -> Iterator[DeskTask]:
        """Return the tasks that changed since a time; all of them for None."""
        query = None if since_s is None else _later(since_s)
        with self._saying():
            yield from self._tasks(query)

    def numbers(self) -> frozenset[int]:
        """Return the numbers of all tasks that are there."""
        with self._saying():
            rows = self._client.tasks.list(
                project=self._project(),
                fields="task_only",
                include="id",
                page_size=_PAGE * 10,
            )
            return frozenset(row.id for row in rows)

    def _tasks(self, query: str | None) -> Iterator[DeskTask]:
        rows = self._client.tasks.list(
            project=self._project(), page_size=_PAGE, **_asked(query)
        )
        for row in rows:
            annotations = row.annotations or []
            token = (row.data or {}).get(KEY_FIELD)
            yield DeskTask(
                id=int(row.id),
                token=token if isinstance(token, str) else None,
                annotations=tuple(map(_plain, annotations)),
                drafted=bool(row.draft_exists),
            )

    def _data(self, task: TaskView) -> dict[str, Any]:
        shown = self._shown
        return task_data(task, shown.words, shown.link, utc_offset_h=shown.utc_offset_h)

    def _project(self) -> int:
        if self._project_id is None:
            found = self._found()
            if found is None:
                msg = (
                    f"Label Studio at {self._place.url} has no project called "
                    f"{self._place.project}; run liujing review setup"
                )
                raise DeskError(msg)
            self._project_id = found.id
        return self._project_id

    def _found(self) -> Any:
        title = self._place.project
        found = [p for p in self._client.projects.list() if p.title == title]
        if len(found) > 1:
            msg = (
                f"Label Studio has {len(found)} projects called {title}; rename all "
                "but one, or set review.project"
            )
            raise DeskError(msg)
        return self._client.projects.get(found[0].id) if found else None

    def _refuse_others(self, project: Any) -> None:
        """Leave a project alone that is somebody else's.

        Raises:
            DeskError: it holds tasks that we did not put there.
        """
        rows = self._client.tasks.list(project=project.id, page=1, page_size=1)
        for row in rows:
            if KEY_FIELD not in (row.data or {}):
                msg = (
                    f"the project {self._place.project} holds tasks that are not "
                    "Liujing's; set review.project to another title"
                )
                raise DeskError(msg)
            break

    def _repair_page(self, project: Any) -> list[str]:
        wrong = page_problems(project.label_config or "", self._shown.words)
        ours = labelling_page(self._shown.words)
        if project.label_config == ours and project.sampling == SAMPLING:
            return []
        try:
            self._client.projects.update(project.id, label_config=ours, **_rules())
        except ApiError as error:
            if error.status_code != httpx.codes.BAD_REQUEST:
                raise
            msg = (
                f"Label Studio keeps the page of {self._place.project} because answers "
                f"there use what ours does not have: {_said(error)}; set "
                "review.project to a new title"
            )
            raise DeskError(msg) from error
        return [*(f"{one}: put right" for one in wrong), "wrote the labelling page"]

    def _is_ordered(self, project_id: int) -> bool:
        views = list(self._client.views.list(project=project_id))
        return bool(views) and (views[0].data or {}).get("ordering") == [ORDER]

    def _repair_view(self, project_id: int) -> list[str]:
        if self._is_ordered(project_id):
            return []
        data = {
            "title": VIEW,
            "type": "list",
            "target": "tasks",
            "ordering": [ORDER],
            "hiddenColumns": {"explore": _HIDDEN, "labeling": _HIDDEN},
            "filters": {"conjunction": "and", "items": []},
        }
        views = list(self._client.views.list(project=project_id))
        if views:
            self._client.views.update(str(views[0].id), project=project_id, data=data)
        else:
            self._client.views.create(project=project_id, data=data)
        return [f"put the list {VIEW} in the order of the tasks' value"]

    def _repair_hook(self, project_id: int) -> list[str]:
        hook = self._hook(project_id)
        if hook is not None and self._is_good(hook):
            return []
        facts = {
            "url": self._place.hook_url,
            "headers": {"Authorization": f"Bearer {self._place.hook_key()}"},
            "actions": list(HOOK_ACTIONS),
            "send_payload": True,
            "send_for_all_actions": False,
            "is_active": True,
        }
        if hook is not None:
            self._client.webhooks.delete(hook.id)
        self._client.webhooks.create(project=project_id, **facts)
        return [f"set the webhook to {self._place.hook_url}"]

    def _hook(self, project_id: int) -> Any:
        hooks = self._client.webhooks.list(project=str(project_id))
        ours = [
            h
            for h in hooks
            if h.project == project_id and h.url == self._place.hook_url
        ]
        return ours[0] if ours else None

    def _is_good(self, hook: Any) -> bool:
        shown = str((hook.headers or {}).get("Authorization", ""))
        told = hook.send_for_all_actions or set(HOOK_ACTIONS) <= set(hook.actions or ())
        return bool(
            hook.is_active
            and hook.send_payload
            and told
            and self._place.holds(shown.removeprefix("Bearer "))
        )

    @contextmanager
    def _saying(self, task_id: int | None = None) -> Iterator[None]:
        """Turn what Label Studio says into one sentence, without any token.

        Raises:
            DeskError: it cannot be reached, or refuses us.
        """
        where = f"Label Studio at {self._place.url}"
        try:
            with warnings.catch_warnings():  # the SDK calls pydantic's old names
                warnings.simplefilter("ignore", DeprecationWarning)
                yield
        except ApiError as error:
            raise DeskError(self._refused(error, where, task_id)) from None
        except httpx.HTTPError as error:
            msg = (
                f"{where} does not answer ({type(error).__name__}); start it, or "
                "correct review.url"
            )
            raise DeskError(msg) from None
        except json.JSONDecodeError:
            msg = f"{where} answers with no JSON; is review.url Label Studio's?"
            raise DeskError(msg) from None

    def _refused(self, error: ApiError, where: str, task_id: int | None) -> str:
        if error.status_code in (401, 403):
            return (
                f"{where} refuses our token: it has expired or was taken back; make a "
                "new personal token there and set review.token"
            )
        if error.status_code == httpx.codes.NOT_FOUND:
            self._project_id = None
            what = "the project" if task_id is None else f"task {task_id}"
            return f"{where} has not {what} any more; run liujing review sync"
        return f"{where} answers {error.status_code}: {_said(error)}"


def _rules() -> dict[str, Any]:
    """Return how the project is run."""
    return {
        "sampling": SAMPLING,
        "expert_instruction": instructions(),
        "show_instruction": False,
        "show_skip_button": True,
        "enable_empty_annotation": False,
        "show_collab_predictions": True,
        "model_version": "liujing",
        "maximum_annotations": 1,
    }


def _asked(query: str | None) -> dict[str, Any]:
    return {} if query is None else {"query": query}


def _plain(annotation: Any) -> Mapping[str, Any]:
    if isinstance(annotation, Mapping):
        return annotation
    plain: Mapping[str, Any] = json.loads(annotation.json())
    return plain


def _equal(column: str, value: object, kind: str = "String") -> str:
    return _filter(column, "equal", value, kind)


def _later(since_s: float) -> str:
    at = datetime.fromtimestamp(since_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return _filter("updated_at", "greater", at, "Datetime")


def _filter(column: str, operator: str, value: object, kind: str) -> str:
    one = {
        "filter": f"filter:tasks:{column}",
        "operator": operator,
        "value": value,
        "type": kind,
    }
    return json.dumps({"filters": {"conjunction": "and", "items": [one]}})


def _said(error: ApiError) -> str:
    """Return the beginning of what it says; a body may be long."""
    body = error.body
    text = body.get("detail", body) if isinstance(body, dict) else body
    return " ".join(str(text).split())[:_SHOWN]
