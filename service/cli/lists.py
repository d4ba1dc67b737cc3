"""`liujing models` and `liujing standards`: what is installed."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from service.cli import model_acts
from service.cli.parts import Verbs, add_models, add_verb, print_json, print_table
from service.scoring import list_checklists, list_standards
from vision.catalogue import (
    LayoutCard,
    ModelCard,
    current_model,
    list_layouts,
    list_models,
    models_folder,
)
from vision.promotions import name_of


def add_parser(verbs: Verbs) -> None:
    """Add both verbs."""
    models = add_verb(
        verbs,
        "models",
        summary="Installed models with their cards.",
        example="liujing models --json",
    )
    models.add_argument("--json", action="store_true", help="whole cards as JSON")
    add_models(models)
    models.set_defaults(run=run_models)
    model_acts.add_acts(models)
    standards = add_verb(
        verbs,
        "standards",
        summary="Installed scoring standards.",
        example="liujing standards",
    )
    standards.add_argument("--json", action="store_true", help="as JSON")
    standards.set_defaults(run=run_standards)


def run_models(options: argparse.Namespace) -> int:
    """List models."""
    cards = list_models(options.models)
    layouts = list_layouts(options.models)
    if options.json:
        every: list[ModelCard | LayoutCard] = [*cards, *layouts]
        print_json(
            [{k: v for k, v in asdict(one).items() if k != "folder"} for one in every]
        )
        return 0
    folder = models_folder(options.models)
    for card in cards:
        here = card.id == current_model(name_of(card.id), folder)
        now = "  当前 current" if here else ""
        print(f"{card.id}  {card.task}  {card.license}  {card.summary}{now}")
        rows = [
            (
                name,
                _measure(card.measured[name].real if name in card.measured else None),
                _measure(
                    card.measured[name].rendered if name in card.measured else None
                ),
                f"{card.operating[name].confidence:.2f}",
            )
            for name in card.names
        ]
        print_table(("category", "AP50 real", "AP50 rendered", "confidence"), rows)
        for limit in card.limits:
            print(f"- {limit}")
    for layout in layouts:
        _print_layout(layout)
    return 0


def _print_layout(card: LayoutCard) -> None:
    print(f"{card.id}  layout  {card.license}  {card.summary}")
    for test, rows in card.measured.items():
        print(f"{test}: mean IoU {card.mean[test]:.3f}")
        print_table(
            ("class", "IoU", "pictures"),
            [(name, f"{row.iou:.2f}", row.pictures) for name, row in rows.items()],
        )
    for limit in card.limits:
        print(f"- {limit}")


def _measure(measure: object) -> str:
    ap50 = getattr(measure, "ap50", None)
    if ap50 is None:
        return "not measured"
    return f"{ap50:.2f} (n={getattr(measure, 'instances', 0)})"


def run_standards(options: argparse.Namespace) -> int:
    """List standards."""
    standards, checklists = list_standards(), list_checklists()
    if options.json:
        every = [*standards, *checklists]
        print_json([standard.model_dump(mode="json") for standard in every])
        return 0
    for standard in standards:
        print(f"{standard.id}  {standard.title_zh}  {standard.title_en}")
        print_table(
            ("element", "name", "weight"),
            [(e.id, e.zh, f"{e.weight:g}") for e in standard.elements],
        )
    for checklist in checklists:
        print(f"{checklist.id}  {checklist.title_zh}  {checklist.title_en}")
        rows = [(i.id, i.zh, "" if i.observable else "blank") for i in checklist.items]
        print_table(("question", "name", ""), rows)
    return 0
