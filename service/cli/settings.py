"""`liujing settings`: what the service runs with, secrets left out."""

from __future__ import annotations

import argparse
import json

from service.cli.configured import add_config, settings_of
from service.cli.parts import Verbs, add_verb, print_json
from service.settings import HIDDEN, PREFIX, Settings


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "settings",
        summary="The settings in force, as a file that can be read again.",
        example="liujing settings --config liujing.toml",
    )
    add_config(parser)
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the settings."""
    settings = settings_of(options)
    if options.json:
        print_json(settings.shown())
        return 0
    print(f"# {PREFIX}SECTION__NAME in the environment comes before a file.")
    print("\n".join(toml_lines(settings)))
    return 0


def toml_lines(settings: Settings) -> list[str]:
    """Return settings as TOML; what is not set or not shown is a comment."""
    shown = settings.shown()
    parts = {name: part for name, part in shown.items() if isinstance(part, dict)}
    lines = [_line(n, v, None) for n, v in shown.items() if n not in parts]
    for name, part in parts.items():
        fields = type(getattr(settings, name)).model_fields
        lines += ["", f"[{name}]"]
        lines += [_line(key, value, fields[key].title) for key, value in part.items()]
    return lines


def _line(name: str, value: object, title: str | None) -> str:
    if value is None or value == HIDDEN:
        line = f"# {name} = {'(not set)' if value is None else value}"
    else:
        line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
    return line if title is None else f"{line}  # {title}"
