"""Which tags does a row carry, and under which column are they found.

Tag keys differ between teams only in case and spaces (" org", "Org"): all of them feed one column,
``tag_org``; the JSON text in ``Tags`` keeps them as they came. Values that name people are replaced.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

import orjson
import pyarrow as pa

from finops_lib.privacy import People, is_person_key, replace_addresses

_PLAIN = re.compile(r"[a-z0-9_]+")
_OTHER = re.compile(r"[^a-z0-9]+")
_MOST_COLUMNS = 200  # keys beyond this stay readable in Tags only
_MOST_CACHED = 200_000
_MOST_SPELLINGS, _LONGEST = 20, 60
_PREFIX = "tag_"


def normal_key(key: str) -> str:
    """Which key is meant: without outer spaces, in lower case.

    Parameters
    ----------
    key : str
        A tag key as it came.

    Returns
    -------
    str

    Examples
    --------
    >>> normal_key(" Org ")
    'org'
    """
    return key.strip().lower()


def tag_column(key: str) -> str:
    """Under which column does the lake keep this tag.

    Parameters
    ----------
    key : str
        A tag key, in any case.

    Returns
    -------
    str
        ``tag_`` and the key; a key with other characters than letters, digits and ``_`` ends in four
        hexadecimal digits of its sha256, so that no two keys share a column.

    Examples
    --------
    >>> tag_column("Team"), tag_column("cost-center") != tag_column("cost center")
    ('tag_team', True)
    """
    key = normal_key(key)
    if _PLAIN.fullmatch(key) and len(key) <= _LONGEST:
        return _PREFIX + key
    slug = _OTHER.sub("_", key).strip("_")[:40]
    return f"{_PREFIX}{slug}_{hashlib.sha256(key.encode()).hexdigest()[:4]}"


class TagReader:
    """Reads the ``Tags`` column of one ingest, batch by batch; equal texts are read once.

    Parameters
    ----------
    people : People
        Who gives pseudonyms.
    """

    def __init__(self, people: People) -> None:
        self._people = people
        self._read: dict[str, tuple[str, Mapping[str, str]]] = {}
        self.spellings: dict[str, set[str]] = {}
        self.columns: dict[str, str] = {}
        self.unreadable: set[str] = set()
        self.left_out: set[str] = set()

    @property
    def renamed(self) -> dict[str, str]:
        """The key of each column whose name does not show it."""
        return {name: key for key, name in self.columns.items() if name != _PREFIX + key}

    def split(self, tags: pa.DictionaryArray) -> tuple[pa.Array, dict[str, pa.Array]]:
        """Return the column with pseudonyms in it, and one column for each tag key in use.

        Parameters
        ----------
        tags : pyarrow.DictionaryArray
            JSON objects as text.

        Returns
        -------
        tuple of pyarrow.Array and dict of str to pyarrow.Array
            As long as ``tags``; columns named by ``tag_column``.
        """
        texts = tags.dictionary.to_pylist()
        self._learn([text for text in dict.fromkeys(texts) if text is not None and text not in self._read])
        found = [self._read[text] if text is not None else (None, {}) for text in texts]
        clean = pa.array([text for text, _ in found], pa.string()).take(tags.indices).dictionary_encode()
        names = dict.fromkeys(name for _, values in found for name in values)
        columns = {
            name: pa.array([values.get(name) for _, values in found], pa.string())
            .dictionary_encode()
            .take(tags.indices)
            for name in names
        }
        return clean, columns

    def _learn(self, texts: list[str]) -> None:
        if len(self._read) + len(texts) > _MOST_CACHED:
            self._read.clear()
        parsed = {text: self._parsed(text) for text in texts}
        values = [
            value
            for tags in parsed.values()
            if tags
            for key, value in tags.items()
            if value and is_person_key(key)
        ]
        names = dict(zip(values, self._people.pseudonyms(values), strict=True))
        for text, tags in parsed.items():
            self._read[text] = self._kept(text, tags, names)

    def _parsed(self, text: str) -> dict[str, str] | None:
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            self.unreadable.add(text)
            return None
        return {key: _text(value) for key, value in found.items()}

    def _kept(
        self, text: str, tags: dict[str, str] | None, names: Mapping[str, str]
    ) -> tuple[str, Mapping[str, str]]:
        if tags is None:
            return replace_addresses([text], self._people)[0], {}
        safe = {key: names[value] if value and is_person_key(key) else value for key, value in tags.items()}
        safe = dict(zip(safe, replace_addresses(list(safe.values()), self._people), strict=True))
        columns: dict[str, str] = {}
        for key, value in safe.items():
            name = self._column(key)
            if name and not columns.get(name):  # of two spellings the first that says something counts
                columns[name] = value
        return orjson.dumps(safe).decode() if safe != tags else text, columns

    def _column(self, key: str) -> str | None:
        normal = normal_key(key)
        spelled = self.spellings.setdefault(normal, set())
        if len(spelled) < _MOST_SPELLINGS:
            spelled.add(key)
        if normal not in self.columns:
            if len(self.columns) >= _MOST_COLUMNS:
                self.left_out.add(normal)
                return None
            self.columns[normal] = tag_column(key)
        return self.columns[normal]


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode() if value is not None else ""
