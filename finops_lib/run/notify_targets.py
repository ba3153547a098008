"""Where alerts go: a targets file, whose secrets come from the environment or from files of their own.

TOML with ``[[target]]`` tables of the keys

- ``name``: what it is called, also in messages about it;
- ``kind``: ``alertmanager``, ``webhook``, ``jira`` or ``apprise`` (chat, mail, PagerDuty and other tickets);
- one of ``url``, ``url_env`` (a variable that holds it) and ``url_file`` (a file that does): an apprise
  address holds secrets, so that it never stands in the file itself;
- ``token_env`` or ``token_file``: a secret sent as a bearer token, or as the password of ``user``;
- ``to``: a list of teams, and of receivers that escalation steps name; without it everything;
- ``format``: ``text``, ``markdown`` or ``html``, for apprise;
- ``project`` and ``issue_type``: of a Jira issue.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finops_lib.cost import entries
from finops_lib.errors import SettingsError
from finops_lib.run.notify_http import Service
from finops_lib.run.notify_text import FORMATS

KINDS = ("alertmanager", "webhook", "jira", "apprise")
_KEYS = tuple("name kind url url_env url_file token_env token_file user to format project issue_type".split())
_URLS, _TOKENS = ("url", "url_env", "url_file"), ("token_env", "token_file")
_LARGEST_SECRET = 10_000  # bytes


@dataclass(frozen=True)
class Target:
    """One place that alerts go to. Its address and its token are secret: no text of it shows them.

    Examples
    --------
    >>> Target("chat", "apprise", "slack://a-secret")
    Target(name='chat', kind='apprise', to=(), format='text', project='', issue_type='Task')
    """

    name: str
    kind: str
    url: str = field(repr=False)
    token: str = field(default="", repr=False)
    user: str = field(default="", repr=False)
    to: tuple[str, ...] = ()
    format: str = "text"
    project: str = ""
    issue_type: str = "Task"

    def wants(self, receiver: str) -> bool:
        """Say whether alerts for this team or receiver go there."""
        return not self.to or receiver in self.to

    def service(self, *, timeout_seconds: float = 10.0) -> Service:
        """Which service is it, with its secret in the header that it belongs into.

        Parameters
        ----------
        timeout_seconds : float
            For one answer.

        Returns
        -------
        Service
        """
        if not self.token:
            return Service(self.name, self.url, timeout_seconds=timeout_seconds)
        pair = base64.b64encode(f"{self.user}:{self.token}".encode()).decode()
        said = f"Basic {pair}" if self.user else f"Bearer {self.token}"
        return Service(self.name, self.url, {"Authorization": said}, timeout_seconds)


def parse(text: str, *, name: str, environ: Mapping[str, str], folder: Path) -> tuple[Target, ...]:
    """Which targets does this text state.

    Parameters
    ----------
    text : str
        Of a TOML file.
    name : str
        Of the file, for errors.
    environ : mapping of str to str
        Where variables stand.
    folder : Path
        Where paths of secrets begin, if they are not absolute.

    Returns
    -------
    tuple of Target
        In the order of the file.

    Raises
    ------
    SettingsError
        The text is no TOML, an entry is no target, a secret is not there, or two have one name. No error
        repeats a secret.

    Examples
    --------
    >>> text = '''[[target]]
    ... name = "mail"
    ... kind = "apprise"
    ... url_env = "FINOPS_MAIL"'''
    >>> found = parse(text, name="t.toml", environ={"FINOPS_MAIL": "mailto://u:p@h"}, folder=Path())
    >>> found[0].name, found[0].wants("web")
    ('mail', True)
    """
    file = f"targets file {name}"
    found = tuple(
        _target(entry, f"{file}, entry {place}", environ, folder)
        for place, entry in enumerate(entries.tables(text, key="target", file=file), start=1)
    )
    entries.refuse_twice([target.name for target in found], kind="target", file=file)
    return found


def _target(entry: Mapping[str, Any], where: str, environ: Mapping[str, str], folder: Path) -> Target:
    entries.check_keys(entry, known=_KEYS, needed=("name", "kind"), where=where)
    kind = entries.choice(entry["kind"], of=KINDS, key="kind", where=where)
    if kind == "apprise" and "url" in entry:
        raise SettingsError(
            f"{where}: url of an apprise target", "it holds secrets", "give url_env or url_file instead"
        )
    if kind == "jira" and not entry.get("project"):
        raise SettingsError(f"{where}: no project", "a Jira issue belongs to one", "give the project's key")
    return Target(
        name=entries.label(entry["name"], key="name", where=where),
        kind=kind,
        url=_one_of(entry, _URLS, where, environ, folder, needed=True),
        token=_one_of(entry, _TOKENS, where, environ, folder, needed=False),
        user=entries.label(entry.get("user", ""), key="user", where=where),
        to=_receivers(entry.get("to", []), where),
        format=entries.choice(entry.get("format", "text"), of=FORMATS, key="format", where=where),
        project=entries.label(entry.get("project", ""), key="project", where=where),
        issue_type=entries.label(entry.get("issue_type", "Task"), key="issue_type", where=where),
    )


def _receivers(found: object, where: str) -> tuple[str, ...]:
    listed = found if isinstance(found, list) else [found]
    return tuple(entries.label(one, key="to", where=where) for one in listed)


def _one_of(
    entry: Mapping[str, Any],
    keys: tuple[str, ...],
    where: str,
    environ: Mapping[str, str],
    folder: Path,
    *,
    needed: bool,
) -> str:
    given = [key for key in keys if key in entry]
    if len(given) > 1 or (needed and not given):
        said = " and ".join(given) or "none of them"
        raise SettingsError(f"{where}: {said}", f"it has one of {', '.join(keys)}", "give one")
    if not given:
        return ""
    key, value = given[0], str(entry[given[0]])
    found = value if key == "url" else _secret(key, value, where, environ, folder)
    if found and found.isprintable():
        return found
    raise SettingsError(f"{where}: {key}", "its value is one line, and not empty", "correct it there")


def _secret(key: str, value: str, where: str, environ: Mapping[str, str], folder: Path) -> str:
    if key.endswith("_env"):
        if value in environ:
            return environ[value].strip()
        raise SettingsError(f"{where}: {key} {value[:80]!r}", "the variable is set", "set it")
    try:
        with (folder / value).open("rb") as opened:
            return opened.read(_LARGEST_SECRET).decode().strip()
    except (OSError, ValueError):  # the message of a decoding error would hold the secret
        raise SettingsError(
            f"{where}: {key} {value[:200]!r}", "it is a UTF-8 file that can be read", "check the path"
        ) from None
