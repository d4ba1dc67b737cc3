"""`liujing VERB ...`: reads arguments, calls one use case, prints its result."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from service.cli import (
    audit,
    backup,
    demo_city,
    detect,
    explain,
    intake,
    keys,
    layer,
    layout,
    lists,
    mask,
    match,
    month,
    reinspect,
    rescore,
    rollup,
    score,
    serve,
    settings,
    telemetry,
    verify,
    watch,
    whatif,
    worker,
)
from vision.errors import AuditError

_EPILOG = "Each verb has its own help with an example: liujing VERB --help"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence and exits with 2."""

    def error(self, message: str) -> NoReturn:
        """Print one sentence instead of the whole usage."""
        hint = f"see {self.prog} --help"
        self.exit(2, f"{self.prog}: {message}; {hint}\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs."""
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
    verbs_in_order = (
        audit,
        rescore,
        explain,
        rollup,
        whatif,
        layer,
        month,
        telemetry,
        detect,
        layout,
        match,
        mask,
        watch,
        score,
        demo_city,
        verify,
        lists,
        keys,
        settings,
        backup,
        intake,
        reinspect,
        worker,
        serve,
    )
    for verb in verbs_in_order:
        verb.add_parser(verbs)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; return 0 all good, 1 some items failed, 2 nothing usable."""
    options = build_parser().parse_args(arguments)
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
