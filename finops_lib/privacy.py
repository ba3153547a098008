"""Who is behind a bill's lines: keyed pseudonyms on the way in, and erasure that reaches the lake.

Two levels. A secret master key turns a name into a token; the key map, a small database in a folder of
its own beside the lake, gives each token a random person key, and the person key makes the pseudonym.
Erasing a person deletes that one row: the pseudonym in the lake then belongs to nobody, even for somebody
who has the master key and the name, and no file of the lake is written again.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from urllib.parse import unquote

from finops_lib.errors import PrivacyError
from finops_lib.keys import FILE_VARIABLE, KEY_VARIABLE, Key, master_key, private_folder
from finops_lib.state import State

_PSEUDONYM = re.compile(r"person-[a-z2-7]{16}(?:; person-[a-z2-7]{16})*")
_BETWEEN = "; "

_ALONE = frozenset(
    "assignee approver approvers author authors contact contacts creator custodian developer email emails "
    "employee employees login mail maintainer maintainers owner owners person persons requester requestor "
    "responsible steward surname upn user users userid username usernames firstname lastname fullname "
    "owneremail ownername ownerid useremail contactemail contactname createdby launchedby requestedby "
    "besitzer eigentümer verantwortlich verantwortlicher courriel propriétaire responsable correo".split()
)
_DOER = frozenset(
    "approved created deployed launched modified owned provisioned requested started updated".split()
)
# After a word of the first list these name a thing or a group: user-agent, user pool, owner team.
_THING = frozenset(
    "account agent agents business center centre cluster code company count data department division domain "
    "experience facing flow group groups interface journey namespace organisation organization plane policy "
    "pool pools role server service space team teams type unit volume".split()
)
_EXPORT_PREFIX = re.compile(
    r"^resource_?tags?_(?:user|aws)_|^(?:resource_?tags?/)?(?:(?:user|aws):)?", re.IGNORECASE
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")

# The part before the at sign: whatever no text, URL, ARN or JSON uses as a bracket or separator. Each run is
# taken whole (possessive), so that time grows with the length of the text and no faster.
_LOCAL = (
    r"(?:[^\s\x00-\x1f@<>()\[\]{},;:\"'\\/|=&?#%!*^~$`«»\u3001\u3002\u3010\u3011\u2018-\u201f\uff08\uff09\uff0c\uff1a\uff1b]"
    r"|(?<=\w)'(?=\w)|%(?!40)|\\u(?!0040)[0-9a-fA-F]{4})++"
)
_LABEL = r"[^\W_](?:-*+[^\W_])*+"
_DOMAIN = rf"(?:{_LABEL}\.)+(?!\d){_LABEL}"
_ADDRESS = re.compile(rf"\\[nrtbf\"\\/]|({_LOCAL})(?:(?:@|%40|\\u0040)({_DOMAIN}))?")
_AT_SIGNS = ("@", "%40", "\\u0040")
_ESCAPED_SEPARATOR = re.compile(r"%(?:[01][0-9a-f]|2[0-9acf]|3[a-f]|5[bd]|7[bd])", re.I)
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


class People:
    """Names in, pseudonyms out: the same person the same pseudonym, in every delivery and process.

    Upper and lower case, Unicode forms and spaces make no difference. A cell that holds addresses becomes
    the pseudonyms of those addresses; any other cell is one person. New people are kept in memory until
    ``commit``. ``notice`` says where a key was kept that had to be made, and is empty otherwise.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     people = People.open(Path(folder) / "lake", {"FINOPS_PRIVACY_KEY": "0123456789abcdef" * 2})
    ...     first, second, missing = people.pseudonyms(["Anna@example.com", "anna@EXAMPLE.com ", ""])
    ...     first == second, first[:7], len(first), missing
    (True, 'person-', 23, '')
    """

    def __init__(self, master: Key, state: State, notice: str) -> None:
        self._master = master
        self._state = state
        self.notice = notice
        self._new: dict[str, bytes] = {}
        self._known: dict[str, str] = {}
        self._issued: set[str] | None = None

    @classmethod
    def open(cls, lake_root: Path, environ: Mapping[str, str]) -> People:
        """Who is known to this lake; key and key map are made where there are none.

        Parameters
        ----------
        lake_root : Path
            The lake's folder; the key map stands beside it in ``<lake>.private``.
        environ : mapping
            Where ``FINOPS_PRIVACY_KEY`` or ``FINOPS_PRIVACY_KEY_FILE`` may stand.

        Returns
        -------
        People

        Raises
        ------
        PrivacyError
            The key is too short, exposed, in a repository or not the one this key map was made with.
        LakeError
            The key map cannot be read or written.
        """
        root = lake_root.resolve()
        folder = private_folder(root.with_name(f"{root.name}.private"))
        database = folder / "people.sqlite"
        master, notice = master_key(folder, environ, map_exists=database.exists())
        state = State.open(database)
        check = master.sign("check", b"").hex()
        if not hmac.compare_digest(state.settle("key check", check), check):
            raise PrivacyError(
                f"key map {database}",
                "it was made with another key, and this one would give everybody a second pseudonym",
                f"set {KEY_VARIABLE} or {FILE_VARIABLE} to the key it was made with",
            )
        return cls(master, state, notice)

    def __repr__(self) -> str:
        return f"People({self._state!r}, new={len(self._new)})"

    def pseudonyms(self, values: Sequence[str]) -> list[str]:
        """What does the lake call these people.

        Parameters
        ----------
        values : sequence of str
            Cells that name people. Blank ones, and pseudonyms of ours, stay as they are.

        Returns
        -------
        list of str
            As long as ``values``; ``person-`` and 16 letters or digits (80 bits), several joined by ``; ``.
        """
        self._learn([value for value in dict.fromkeys(values) if value not in self._known])
        return [self._known[value] for value in values]

    def pseudonym_of(self, value: str) -> str | None:
        """What does the lake call this person, if it knows him: nobody is added.

        Parameters
        ----------
        value : str
            A name or an address.

        Returns
        -------
        str or None
            None for somebody who never came in or was erased.
        """
        tokens = [self._token(name) for name in _names(value)]
        keys = {**self._state.person_keys(tokens), **self._new}
        found = [_pseudonym(keys[token]) for token in tokens if token in keys]
        return _BETWEEN.join(found) if found and len(found) == len(tokens) else None

    def commit(self) -> None:
        """Keep the people who came in since the last commit.

        Raises
        ------
        PrivacyError
            Another process gave one of them another key meanwhile; nobody is stored then.
        """
        self._state.add_person_keys(self._new, created=datetime.now(UTC))
        self._new.clear()

    def rollback(self) -> None:
        """Forget the people who came in since the last commit."""
        self._new.clear()
        self._known.clear()
        self._issued = None

    def erase(self, value: str) -> bool:
        """Make the pseudonym of this person belong to nobody, for good and without touching the lake.

        Parameters
        ----------
        value : str
            A name or an address, in any case; all addresses in it are erased.

        Returns
        -------
        bool
            Whether somebody was there to erase.
        """
        tokens = [self._token(name) for name in _names(value)]
        fresh = [self._new.pop(token, None) for token in tokens]
        self._known.clear()
        self._issued = None
        return self._state.forget_people(tokens) + sum(key is not None for key in fresh) > 0

    def _token(self, name: str) -> str:
        return self._master.sign("token", name.encode("utf-8", "surrogatepass")).hex()

    def _learn(self, values: Sequence[str]) -> None:
        own = [value for value in values if _PSEUDONYM.fullmatch(value) and self._is_ours(value)]
        self._known.update(zip(own, own, strict=True))
        names = {value: _names(value) for value in values if value not in self._known}
        by_name = self._resolve({name for found in names.values() for name in found})
        for value, found in names.items():
            self._known[value] = _BETWEEN.join(by_name[name] for name in found) if found else value

    def _is_ours(self, value: str) -> bool:
        if self._issued is None:
            keys = {**self._state.person_keys(), **self._new}
            self._issued = {_pseudonym(key) for key in keys.values()}
        return self._issued.issuperset(value.split(_BETWEEN))

    def _resolve(self, names: Iterable[str]) -> dict[str, str]:
        tokens = {name: self._token(name) for name in names}
        keys = self._state.person_keys([token for token in tokens.values() if token not in self._new])
        for token in tokens.values():
            if token not in keys:
                keys[token] = self._new.setdefault(token, secrets.token_bytes(32))
        found = {name: _pseudonym(keys[token]) for name, token in tokens.items()}
        if self._issued is not None:
            self._issued.update(found.values())
        return found


def is_person_key(key: str) -> bool:
    """Does a tag or column of this name hold people.

    It does where one of its words is a person word (owner, e-mail, user, contact, creator, author ...) that
    no thing or group word follows (``user-agent``, ``userPool``, ``owner-team``), or where somebody did
    something (``created_by``; not ``managed-by``, which names a tool). The prefixes of exports (``user:``,
    ``aws:``, ``resource_tags_user_``) do not count as words.

    Parameters
    ----------
    key : str
        As the bill writes it.

    Returns
    -------
    bool

    Examples
    --------
    >>> [is_person_key(key) for key in ("user:Owner", "aws:createdBy", "E-Mail", "user:team", "user-agent")]
    [True, True, True, False, False]
    """
    bare = _EXPORT_PREFIX.sub("", unicodedata.normalize("NFKC", key).strip())
    words = [word.casefold() for word in _WORD.findall(_HUMP.sub(" ", bare))]
    return any(
        (after not in _THING and (word in _ALONE or word.endswith("owner")))
        or (word in _DOER and after == "by")
        for word, after in zip_longest(words, words[1:], fillvalue="")
    )


def replace_addresses(texts: Sequence[str], people: People) -> list[str]:
    r"""What do these texts say with every e-mail address in them turned into a pseudonym.

    Found also inside JSON, URLs and ARNs, with ``@`` written as such, as ``%40`` or as ``\u0040``. An
    address has a dot in its domain: ``image@sha256`` and ``lib@1.2.0`` are none.

    Parameters
    ----------
    texts : sequence of str
        Any free text.
    people : People
        Who turns an address into a pseudonym.

    Returns
    -------
    list of str
        As long as ``texts``; a text without an address is returned as it is.
    """
    found = list(dict.fromkeys(address for text in texts for address in _addresses(text)))
    names = dict(zip(found, people.pseudonyms(found), strict=True))

    def pseudonym(match: re.Match[str]) -> str:
        if match[2] is None:
            return match[0]
        before, local = _split_local(match[1])
        return before + names[_plain(f"{local}@{match[2]}")]

    return [_ADDRESS.sub(pseudonym, text) if _may_hold_address(text) else text for text in texts]


def _may_hold_address(text: str) -> bool:
    return any(sign in text for sign in _AT_SIGNS)


def _addresses(text: str) -> list[str]:
    if not _may_hold_address(text):
        return []
    matches = (match for match in _ADDRESS.finditer(text) if match[2] is not None)
    return [_plain(f"{_split_local(match[1])[1]}@{match[2]}") for match in matches]


def _split_local(local: str) -> tuple[str, str]:
    """Cut off what an escaped separator or a leading dot puts before the address proper."""
    ends = [match.end() for match in _ESCAPED_SEPARATOR.finditer(local)]
    start = ends[-1] if ends else 0
    kept = local[start:].lstrip(".-")
    return (local[: len(local) - len(kept)], kept) if kept else ("", local)


def _plain(address: str) -> str:
    return unquote(_JSON_ESCAPE.sub(lambda match: chr(int(match[1], 16)), address))


def _names(value: str) -> list[str]:
    """Normalise the people in a cell: its addresses, else the whole cell, nobody in a blank one."""
    normal = [_normal(name) for name in _addresses(value) or [value]]
    return [name for name in dict.fromkeys(normal) if name]


def _normal(name: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())


def _pseudonym(person_key: bytes) -> str:
    digest = Key(person_key).sign("lake", b"")
    return f"person-{base64.b32encode(digest[:10]).decode().lower()}"
