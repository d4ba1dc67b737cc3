"""The verbs of `liujing-train` that make the layout network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from training.call import Call
from training.layout import steps
from training.layout.recipe import FULL, TINY


def _render(call: Call) -> str:
    return f"{steps.render_layouts(call.workspace, call.blender_python)} layouts"


def _fit(call: Call) -> str:
    settings = TINY if call.args.tiny else FULL
    if call.args.minutes is not None:
        settings = replace(settings, minutes=call.args.minutes)
    research = not call.args.without_research_data
    checkpoint = steps.teach_layout(call.workspace, settings, research_data=research)
    return f"checkpoint {checkpoint}"


def _export(call: Call) -> str:
    return f"exported {steps.export(call.workspace)}"


def _evaluate(call: Call) -> str:
    return steps.measure(call.workspace).as_text()


def _card(call: Call) -> str:
    card = steps.publish(call.workspace, code_version=call.code_version)
    return f"published {card}"


LAYOUT_STEPS: dict[str, tuple[Callable[[Call], str], str]] = {
    "layout-render": (_render, "render exact layouts of the frames that are there"),
    "layout-fit": (_fit, "teach the layout network; goes on where it was cut"),
    "layout-export": (_export, "write it as ONNX"),
    "layout-evaluate": (_evaluate, "measure it on CamVid and on rendered test streets"),
    "layout-card": (_card, "put it and its card into models/"),
}
"""In order."""
