"""Labels of a report, in either spelling."""

from __future__ import annotations

import pytest

from finops_lib.billing.formats.openshift.labels import label_key, labels, pairs


def test_a_label_and_a_tag_key_meet() -> None:
    """Prometheus writes an underscore for what it cannot spell."""
    assert label_key("label_app_kubernetes_io_name") == label_key("app.kubernetes.io/name")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, {}),
        ("label_a:b:c|label_d:", {"a": "b:c", "d": ""}),
        ('{"a": 1}', {"a": "1"}),
        ("{", None),
        ("label_a", None),
    ],
)
def test_labels_in_either_spelling(text: str | None, expected: dict[str, str] | None) -> None:
    """What is neither is unknown."""
    assert pairs(text) == expected


def test_a_later_cell_goes_before_an_earlier_one() -> None:
    """Where both name a key in any spelling; a cell that cannot be read has no label."""
    found = labels("label_app:old|label_Disk-Kind:ssd", None, "?", "label_app:new")
    assert found == {"app": "new", "disk_kind": "ssd"}
