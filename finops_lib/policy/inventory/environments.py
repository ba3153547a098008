"""Which environment is meant by a label, a namespace or a path: one word for its many spellings.

A guess that makes rules stricter is taken from anywhere in a name (``prod-web``), one that makes them laxer
only where it stands alone or last (``staging``, ``web-dev``; not ``dev-portal``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

PROD = "prod"
_SPELLINGS = {
    PROD: "prod production prd live",
    "staging": "staging stage stg",
    "test": "test testing tst qa uat",
    "dev": "dev development develop",
    "sandbox": "sandbox sbx",
}
_WORDS = {word: name for name, words in _SPELLINGS.items() for word in words.split()}
_KEYS = frozenset({"environment", "env", "stage", "app.kubernetes.io/environment"})
_NOT = frozenset({"non", "not", "pre", "no"})
_BETWEEN = re.compile(r"[^0-9a-zA-Z]+")


def environment_tagged(tags: Mapping[str, str]) -> str:
    """Which environment do these tags or labels state.

    Parameters
    ----------
    tags : mapping
        A key in any case, such as ``environment`` or ``Env``.

    Returns
    -------
    str
        One of prod, staging, test, dev, sandbox for its known spellings, another word in lower case as it
        stands, and empty where no tag says it.

    Examples
    --------
    >>> [environment_tagged(one) for one in ({"Environment": "Production"}, {"env": "Lab"}, {"team": "prod"})]
    ['prod', 'lab', '']
    """
    for key, value in tags.items():
        word = value.strip().lower()
        if key.lower() in _KEYS and word:
            return _WORDS.get(word, word)
    return ""


def environment_named(names: Iterable[str]) -> str:
    """Which environment do these names of folders, files or namespaces tell.

    Parameters
    ----------
    names : iterable of str
        The outermost first, such as the parts of a path without the ending of the file.

    Returns
    -------
    str
        ``prod`` if any says so, else what the last says that says anything, else empty.

    Examples
    --------
    >>> [environment_named([one]) for one in ("prod-web", "web-dev", "dev-portal", "non-prod")]
    ['prod', 'dev', '', '']
    """
    found = ""
    for name in names:
        words = [word.lower() for word in _BETWEEN.split(name) if word]
        for place, word in enumerate(words):
            meant = _WORDS.get(word, "")
            if meant == PROD and not (place and words[place - 1] in _NOT):
                return PROD
            found = meant if meant not in {"", PROD} and place == len(words) - 1 else found
    return found


def environment_in_path(path: str) -> str:
    """Which environment does a file's path tell.

    Parameters
    ----------
    path : str
        With ``/``; the ending of the file is no part of its name.

    Examples
    --------
    >>> environment_in_path("kubernetes/overlays/staging/kustomization.yaml")
    'staging'
    """
    *folders, name = path.split("/")
    return environment_named([*folders, name.split(".", 1)[0]])
