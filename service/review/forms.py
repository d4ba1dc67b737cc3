"""A task as Label Studio takes it: its data, and the box that it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from service.review.base import TaskView, View
from service.review.page import BOX, IMAGE_FIELD, KEY_FIELD, PICTURE
from service.review.pictures import Link
from service.review.words import HINTS, THIS, Words

_BOX_ID = "liujing-this"
_MODEL = "liujing"
_ROW = "display:flex;flex-wrap:wrap;gap:10px;font-size:12px;line-height:1.4"
_CARD = "color:#555"
_FRAME = "height:150px;border-radius:4px;display:block"
_CROP = "width:100%;max-height:220px;object-fit:contain;border-radius:4px"
_ABOUT = "line-height:1.5;font-size:13px"


def task_data(
    task: TaskView, words: Words, link: Link, *, utc_offset_h: float
) -> dict[str, Any]:
    """Return the data of a task: links, texts, and the key that names it.

    Args:
        task: what is shown.
        words: what categories are called.
        link: makes a link of a picture's name.
        utc_offset_h: of the city's clock.
    """
    offset = timedelta(hours=utc_offset_h)
    return {
        "about_what": _plain(task, words),
        KEY_FIELD: task.token,
        IMAGE_FIELD: link(task.best.image),
        "head": _head(task, words),
        "views": _views(task, link, offset),
        "about": _about(task, link, offset),
    }


def prediction(task: TaskView, size_px: tuple[int, int]) -> dict[str, Any]:
    """Return the box that a task is about, and the score that puts it in its turn.

    Label Studio gives out the task of the lowest score first.
    """
    wide, high = size_px
    left, top, right, bottom = task.best.xyxy
    value = {
        "x": _percent(left, wide),
        "y": _percent(top, high),
        "width": _percent(min(right, wide) - left, wide),
        "height": _percent(min(bottom, high) - top, high),
        "rotation": 0,
        "rectanglelabels": [THIS],
    }
    return {
        "model_version": _MODEL,
        "score": 1.0 / (1.0 + max(task.queued.value, 0.0)),
        "result": [
            {
                "id": _BOX_ID,
                "from_name": BOX,
                "to_name": PICTURE,
                "type": "rectanglelabels",
                "original_width": wide,
                "original_height": high,
                "image_rotation": 0,
                "value": value,
            }
        ],
    }


def _percent(px: float, whole_px: int) -> float:
    return round(min(max(px / whole_px, 0.0), 1.0) * 100.0, 4)


def _plain(task: TaskView, words: Words) -> str:
    """Return what a list of tasks shows first."""
    name = words.named.get(task.category)
    return f"{task.category if name is None else name.zh} · {task.place}"


def _head(task: TaskView, words: Words) -> str:
    name = words.named.get(task.category)
    said = task.category if name is None else f"{name.zh} {name.en}"
    return (
        '<div style="font-size:16px"><b>红框里是不是“'
        f"{escape(said)}”？</b>"
        f' <span style="color:#666">{escape(task.place)}</span></div>'
    )


def _views(task: TaskView, link: Link, offset: timedelta) -> str:
    cards = [_card("另一张 another look", view, link, offset) for view in task.others]
    if task.previous is None:
        cards.append(f'<span style="{_CARD}">上次经过没有看到 no earlier pass</span>')
    else:
        cards.append(_card("上次经过 previous pass", task.previous, link, offset))
    drawn = f'<span style="{_CARD}">{task.map_svg}</span>'
    return f'<div style="{_ROW}">{drawn}{"".join(cards)}</div>'


def _card(title: str, view: View, link: Link, offset: timedelta) -> str:
    at = _time(view.at_s, offset)
    return (
        f'<span style="{_CARD}"><img src="{escape(link(view.crop))}" style="{_FRAME}" '
        f'alt="{escape(title)}"/>{escape(title)} {at}</span>'
    )


def _about(task: TaskView, link: Link, offset: timedelta) -> str:
    hint = HINTS.get(task.category)
    hinted = "" if hint is None else f"<div>易混淆：{escape(hint)}</div>"
    return (
        f'<div style="{_ABOUT}"><img src="{escape(link(task.best.crop))}" '
        f'style="{_CROP}" alt="局部 crop"/>'
        f"<div>{escape(task.costs)}</div>"
        f"<div>模型把握 {task.probability:.0%} · 摄于 {_time(task.best.at_s, offset)}"
        f"</div>{hinted}</div>"
    )


def _time(at_s: float, offset: timedelta) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC) + offset:%Y-%m-%d %H:%M}"
