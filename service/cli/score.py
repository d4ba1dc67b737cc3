"""`liujing score`: findings and coverage -> scores, without any footage."""

from __future__ import annotations

import argparse
from pathlib import Path

from service.cli.parts import Verbs, add_verb, print_json, print_table
from service.roads import load_roads
from service.scoring import (
    ScoringContext,
    Standard,
    check_references,
    load_standard,
    read_coverage,
    read_findings,
    score_rows,
    score_segments,
    shown,
)
from service.types import Score
from vision.taxonomy import load_taxonomy


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "score",
        summary="Score road segments from findings and coverage files.",
        example="liujing score findings.geojson --coverage coverage.json "
        "--roads roads.geojson",
    )
    parser.add_argument("findings", type=Path, metavar="FINDINGS")
    parser.add_argument("--coverage", type=Path, required=True, metavar="FILE")
    parser.add_argument("--roads", type=Path, required=True, metavar="FILE")
    parser.add_argument("--standard", default="xuchang@1", metavar="NAME@V")
    parser.add_argument("--format", choices=("json", "table"), default="json")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the scores of every segment that the coverage or a finding names."""
    standard = load_standard(options.standard)
    network = load_roads(options.roads)
    findings = read_findings(options.findings)
    coverage = read_coverage(options.coverage)
    taxonomy = load_taxonomy()
    check_references(findings, coverage, network.segments, categories=taxonomy)
    named = {piece.segment_id for piece in coverage}
    named |= {f.segment_id for f in findings if f.segment_id is not None}
    visible = {c.id for c in taxonomy.with_role("problem")}
    scores = score_segments(
        [s for s in network.segments if s.id in named],
        findings,
        coverage=coverage,
        context=ScoringContext(
            standard=standard, visible_categories=frozenset(visible)
        ),
    )
    if options.format == "json":
        print_json(score_rows(scores))
    else:
        print_table(
            ("路段", "得分", "等级", "看清"),
            [_row(score, standard) for score in scores],
        )
    return 0


def _row(score: Score, standard: Standard) -> tuple[str, ...]:
    value = "-" if score.value is None else shown(score.value, standard)
    return score.segment_id, value, score.grade or "数据不足", f"{score.coverage:.0%}"
