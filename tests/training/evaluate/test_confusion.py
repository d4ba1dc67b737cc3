from tests.training.evaluate.builders import label_maps, seen
from training.evaluate.confusion import confuse
from training.evaluate.traffic import traffic_recall

A, B, C = (0, 0, 20, 20), (30, 30, 50, 50), (60, 60, 90, 90)
POINTS = {"litter": 0.5, "graffiti": 0.5}


def test_instances_and_boxes_are_counted_where_they_ended() -> None:
    picture = seen(
        [("graffiti", A), ("litter", B), ("litter", C)],
        [
            ("graffiti", B, 0.9),  # litter taken for graffiti
            ("graffiti", A, 0.8),  # right
            ("litter", (0, 60, 20, 80), 0.7),  # nothing there
            ("litter", C, 0.4),  # below its operating point: missed
        ],
    )

    got = confuse([picture], label_maps(), ["litter", "graffiti"], POINTS)

    assert got.names == ("litter", "graffiti", "background")
    assert got.counts == ((0, 1, 1), (0, 1, 0), (1, 0, 0))


def test_its_own_class_claims_an_instance_before_a_surer_other_one() -> None:
    picture = seen([("litter", A)], [("graffiti", A, 0.9), ("litter", A, 0.6)])

    got = confuse([picture], label_maps(), ["litter", "graffiti"], POINTS)

    assert got.counts == ((1, 0, 0), (0, 0, 0), (0, 1, 0))


def test_what_is_not_known_of_a_picture_is_no_false_find() -> None:
    picture = seen([], [("litter", A, 0.9)], known=frozenset({"graffiti"}))

    got = confuse([picture], label_maps(), ["litter", "graffiti"], POINTS)

    assert got.counts == ((0, 0, 0), (0, 0, 0), (0, 0, 0))


def test_a_truck_taken_for_a_car_is_found_among_the_cars_but_not_strictly() -> None:
    members = frozenset({"car", "truck", "bus"})
    sure = seen(
        [("car", A), ("truck", B)],
        [("car", A, 0.6), ("car", B, 0.6)],
        known=members,
        sure=0.5,
    )
    unsure = seen([("car", C)], [], known=members, sure=0.49)
    not_taught = seen([("car", C)], [], known=frozenset({"car"}))

    got = traffic_recall(
        [sure, unsure, not_taught],
        dict.fromkeys(["car", "truck", "bus", "person", "bicycle", "motorcycle"], 0.5),
    )

    assert (got["cars"].boxes, got["cars"].strict, got["cars"].merged) == (2, 0.5, 1.0)
    assert got["persons"].strict is None
