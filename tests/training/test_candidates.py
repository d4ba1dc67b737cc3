"""The table of candidates."""

from __future__ import annotations

from training.candidates import candidate_lines


def test_each_class_has_val_and_test_of_each_candidate() -> None:
    one = {
        ("real", "val"): {"litter": 0.9, "poster": 0.5},
        ("real", "test"): {"litter": 0.8},
        ("rendered", "val"): {},
        ("rendered", "test"): {"stall": 0.25},
    }
    two = {**one, ("real", "val"): {"litter": 0.7, "poster": 0.7}}

    lines = candidate_lines({"a+b": one, "a": two})

    assert [line.split() for line in lines] == [
        ["a+b", "a"],
        ["real", "litter", "0.90/0.80", "0.70/0.80"],
        ["real", "poster", "0.50/-", "0.70/-"],
        ["real", "mean", "0.700/0.800", "0.700/0.800"],
        ["rendered", "stall", "-/0.25", "-/0.25"],
        ["rendered", "mean", "-/0.250", "-/0.250"],
    ]
