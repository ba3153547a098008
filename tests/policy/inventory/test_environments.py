"""Which environment is meant: a guess that makes rules stricter counts anywhere, a laxer one does not."""

from __future__ import annotations

import pytest

from finops_lib.policy.inventory.environments import (
    environment_in_path,
    environment_named,
    environment_tagged,
)


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"environment": "prod"}, "prod"),
        ({"Env": " PRODUCTION "}, "prod"),
        ({"app.kubernetes.io/environment": "stg"}, "staging"),
        ({"stage": "Moon"}, "moon"),
        ({"environment": "", "env": "dev"}, "dev"),
        ({"name": "prod"}, ""),
        ({}, ""),
    ],
)
def test_tags_tell_it_by_their_known_keys(tags: dict[str, str], found: str) -> None:
    """In any case and spelling; a word that nobody knows stays as it is, an empty one says nothing."""
    assert environment_tagged(tags) == found


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["prod-web"], "prod"),
        (["web-prod-eu"], "prod"),
        (["non-prod"], ""),
        (["pre-prod"], ""),
        (["web-dev"], "dev"),
        (["dev-portal"], ""),
        (["sandbox", "web-staging"], "staging"),
        (["production", "dev"], "prod"),
        (["products"], ""),
        ([], ""),
    ],
)
def test_names_tell_it_and_production_wins(names: list[str], found: str) -> None:
    """A laxer word counts only where it stands last; ``non-prod`` is not production."""
    assert environment_named(names) == found


def test_a_path_tells_it_without_the_ending_of_the_file() -> None:
    """Folders and the name of the file."""
    assert environment_in_path("helm/web/values-prod.yaml") == "prod"
    assert environment_in_path("apps/dev/main.tf") == "dev"
    assert environment_in_path("apps/main.prod.tf") == ""
