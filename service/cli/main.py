"""`liujing VERB ...`: reads arguments, calls one use case, prints its result."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from vision.errors import AuditError

VERBS = {
    "audit": "audit",
    "rescore": "rescore",
    "explain": "explain",
    "rollup": "rollup",
    "covers": "rollup",
    "whatif": "whatif",
    "layer": "layer",
    "month": "month",
    "telemetry": "telemetry",
    "detect": "detect",
    "layout": "layout",
    "match": "match",
    "mask": "mask",
    "watch": "watch",
    "score": "score",
    "demo-city": "demo_city",
    "verify": "verify",
    "models": "lists",
    "standards": "lists",
    "keys": "keys",
    "devices": "devices",
    "cameras": "cameras",
    "review": "review",
    "settings": "settings",
    "backup": "backup",
    "restore": "backup",
    "edge": "edge",
    "intake": "intake",
    "reinspect": "reinspect",
    "worker": "worker",
    "serve": "serve",
    "upload": "upload",
}
"""Verb -> its module in `service/cli/`, in the order of the help."""

_EPILOG = "Each verb has its own help with an example: liujing VERB --help"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence and exits with 2."""

    def error(self, message: str) -> NoReturn:
        """Print one sentence instead of the whole usage."""
        hint = f"see {self.prog} --help"
        self.exit(2, f"{self.prog}: {message}; {hint}\n")


def build_parser(verb: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of all verbs, or of one.

    A verb's module loads what that verb needs; a vehicle's small box needs `upload`
    without the rest of the house.
    """
    parser = _Parser(
        prog="liujing",
        description="六净: street cleanliness scores from patrol footage.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "--debug", action="store_true", help="log what happens, and trace errors"
    )
    verbs = parser.add_subparsers(
        title="verbs", metavar="VERB", dest="verb", required=True, parser_class=_Parser
    )
    for module in dict.fromkeys(VERBS.values()) if verb is None else (VERBS[verb],):
        import_module(f"service.cli.{module}").add_parser(verbs)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; return 0 all good, 1 some items failed, 2 nothing usable."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    first = next((a for a in given if not a.startswith("-")), None)
    options = build_parser(first if first in VERBS else None).parse_args(given)
    logging.basicConfig(
        level=logging.DEBUG if options.debug else logging.ERROR,
        format="%(levelname)s %(name)s %(message)s",
    )
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except AuditError as error:
        if options.debug:
            raise
        print(f"liujing {options.verb}: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output (head, less) went away: not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if options.debug or error.filename is None:
            raise
        said = f"{error.filename}: {error.strerror}; check its rights and the disk"
        print(f"liujing {options.verb}: {said}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"liujing {options.verb}: stopped", file=sys.stderr)
        return 130
    return code
