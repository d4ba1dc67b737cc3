"""The labelling page: one picture, one question, every answer a key away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from service.reports import Label
from service.review.config import Control, controls_of
from service.review.words import HINTS, REASONS, STORED, THIS, VERDICTS, Words

PICTURE, BOX, VERDICT, NOTE = "picture", "box", "verdict", "note"
CATEGORY, ZONE, SEVERITY = "category", "zone", "severity"
IMAGE_FIELD, KEY_FIELD = "image", "liujing"
TEXT_FIELDS = ("head", "views", "about")

_VERDICT_KEYS = "12345"
_REASON_KEYS = {
    "false": "qwerty",
    "permitted": "uiop90",
    "duplicate": "78",
    "unclear": "cvnm6",
}
"""No key twice: Label Studio listens for all of them, shown or not."""
_BOX_KEYS = "asdfghjklzx"
_THIS_COLOUR = "#e5484d"
_COLOURS = (
    "#0091ff", "#f76b15", "#8e4ec6", "#30a46c", "#ffb224", "#12a594", "#e93d82",
    "#6e56cf", "#ad7f58", "#46a758", "#3e63dd",
)  # fmt: skip
_STYLE = """
.lj { display: grid; grid-template-columns: minmax(0, 1fr) 340px; gap: 16px; }
.lj-side { display: flex; flex-direction: column; gap: 0; }
.lj h5, .lj h4 { font-size: 14px; margin: 6px 0 2px; }
.lj .ant-typography, .lj .lsf-header { font-size: 14px; margin: 6px 0 2px; }
.lj-side .lsf-choices, .lj-side .lsf-textarea-tag { margin: 0 0 2px; }
@media (max-width: 1000px) { .lj { grid-template-columns: minmax(0, 1fr); } }
"""


def labelling_page(words: Words) -> str:
    """Return the page in Label Studio's own language."""
    return "\n".join(
        [
            '<View className="lj">',
            f"  <Style>{_STYLE}</Style>",
            '  <View className="lj-main">',
            _text("head"),
            _image(),
            _header("漏掉的问题：按键选类别，再拉框（可以多个） Missed: key, then box"),
            *_boxes(words.categories),
            _text("views"),
            "  </View>",
            '  <View className="lj-side">',
            _text("about"),
            _header("结论 Verdict（必选）"),
            *_choices(VERDICT, _stored(), keys=_VERDICT_KEYS, needed="请选择结论"),
            *_reasons(),
            _when("real"),
            _header("如与上面所写不同，改为（可不选） Correct, if it differs"),
            *_choices(CATEGORY, words.named, layout="select", ask="类别 class"),
            *_choices(ZONE, words.zones, layout="select", ask="部位 zone"),
            *_choices(SEVERITY, words.levels, layout="select", ask="程度 severity"),
            "    </View>",
            _note(),
            "  </View>",
            "</View>",
        ]
    )


def instructions() -> str:
    """Return what reviewers read before they begin, as HTML."""
    lines = "".join(f"<li>{escape(hint)}</li>" for hint in HINTS.values())
    return (
        "<h3>六净一洁 复核</h3>"
        "<p>红框是本任务要判断的东西。先选结论（1-5），不是“真”时再选原因"
        "（Q W E R…），Ctrl+Enter 提交。画面中还有漏掉的问题，按类别键后拉框。</p>"
        f"<p><b>容易混淆</b></p><ul>{lines}</ul>"
        "<p>The red box is what the task is about. Choose a verdict (1-5), a reason "
        "unless it is real, and submit with Ctrl+Enter. Draw a box around whatever "
        "was missed.</p>"
    )


def page_problems(config: str, words: Words) -> tuple[str, ...]:
    """Say where a page does not speak our language, a sentence each.

    Args:
        config: of a project, as it is at the desk.
        words: ours.
    """
    there = {one.name: one for one in controls_of(config)}
    wanted = {one.name: one for one in controls_of(labelling_page(words))}
    found = [
        f"the labelling page has no {ours.tag} called {name}"
        for name, ours in wanted.items()
        if name not in there or there[name].tag != ours.tag
    ]
    for name, control in there.items():
        if name in wanted and control.tag == wanted[name].tag:
            found += _differences(control, wanted[name])
    return tuple(found)


def _differences(there: Control, ours: Control) -> Iterator[str]:
    for one in ours.values:
        if one not in there.values:
            said = ours.values[one]
            yield f"the labelling page lacks {one} ({said}) in {ours.name}"
    for one in there.values:
        if one not in ours.values:
            yield (
                f"the labelling page offers {there.values[one]} ({one}) in "
                f"{there.name}, which means nothing here"
            )


def _stored() -> dict[str, Label]:
    return {STORED[name]: label for name, label in VERDICTS.items()}


def _reasons() -> Iterator[str]:
    for verdict, reasons in REASONS.items():
        yield _when(verdict)
        yield _header(f"为什么{VERDICTS[verdict].zh} Why（必选）")
        yield from _choices(
            f"reason_{verdict}",
            reasons,
            keys=_REASON_KEYS[verdict],
            needed=f"请选择为什么{VERDICTS[verdict].zh}",
        )
        yield "    </View>"


def _choices(
    name: str,
    offered: Mapping[str, Label],
    *,
    keys: str = "",
    needed: str | None = None,
    layout: str = "inline",
    ask: str | None = None,
) -> Iterator[str]:
    required = "" if needed is None else f' required="true" requiredMessage="{needed}"'
    hint = "" if ask is None else f' placeholder="{ask}"'
    yield (
        f'    <Choices name="{name}" toName="{PICTURE}" choice="single"'
        f' layout="{layout}"{required}{hint}>'
    )
    for label, key in zip(offered.items(), _or_none(keys), strict=False):
        yield _option("Choice", *label, key=key)
    yield "    </Choices>"


def _boxes(categories: Mapping[str, Label]) -> Iterator[str]:
    yield (
        f'    <RectangleLabels name="{BOX}" toName="{PICTURE}" strokeWidth="3"'
        ' opacity="0.08" canRotate="false" showInline="true">'
    )
    this = Label("本任务", "this task")
    yield _option("Label", THIS, this, key="b", more=f' background="{_THIS_COLOUR}"')
    for (name, label), key, colour in zip(
        categories.items(), _BOX_KEYS, _COLOURS * 2, strict=False
    ):
        yield _option("Label", name, label, key=key, more=f' background="{colour}"')
    yield "    </RectangleLabels>"


def _option(
    tag: str, name: str, label: Label, *, key: str | None, more: str = ""
) -> str:
    hotkey = "" if key is None else f' hotkey="{key}"'
    return f'      <{tag} value="{escape(label.zh)}" alias="{name}"{hotkey}{more}/>'


def _image() -> str:
    return (
        f'    <Image name="{PICTURE}" value="${IMAGE_FIELD}" zoom="true"'
        ' zoomControl="true" brightnessControl="true" contrastControl="true"'
        ' maxWidth="100%"/>'
    )


def _note() -> str:
    return (
        f'    <TextArea name="{NOTE}" toName="{PICTURE}" rows="2" maxSubmissions="1"'
        ' editable="true" showSubmitButton="false" placeholder="备注 note"/>'
    )


def _when(verdict: str) -> str:
    said = escape(VERDICTS[verdict].zh)
    return (
        '    <View visibleWhen="choice-selected" whenTagName="verdict"'
        f' whenChoiceValue="{said}">'
    )


def _or_none(keys: str) -> Iterable[str | None]:
    yield from keys
    while True:
        yield None


def _header(text: str) -> str:
    return f'    <Header size="5" value="{escape(text)}"/>'


def _text(field: str) -> str:
    return f'    <HyperText name="{field}" value="${field}" inline="true"/>'
