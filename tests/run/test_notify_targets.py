"""The targets file: where alerts go, with secrets that no text shows."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from finops_lib.errors import SettingsError
from finops_lib.run.notify_targets import Target, parse

ENVIRON = {"MAIL": "mailto://user:s3cret@mail.example\n", "TOKEN": "s3cret", "EMPTY": "", "TWO": "a\nb"}
MAIL = (
    '[[target]]\nname = "mail"\nkind = "apprise"\nurl_env = "MAIL"\nto = ["web", "lead"]\nformat = "html"\n'
)
JIRA = (
    '[[target]]\nname = "tickets"\nkind = "jira"\nurl = "https://jira.example"\ntoken_env = "TOKEN"\n'
    'user = "bot"\nproject = "OPS"\n'
)


def read(text: str, folder: Path = Path()) -> tuple[Target, ...]:
    """Read it with this environment."""
    return parse(text, name="t.toml", environ=ENVIRON, folder=folder)


def test_a_target_has_its_secret_from_the_environment() -> None:
    """The line end goes; it takes what is for web or the lead, and nothing else."""
    (mail,) = read(MAIL)
    assert (mail.url, mail.format) == ("mailto://user:s3cret@mail.example", "html")
    assert [mail.wants(name) for name in ("web", "lead", "api")] == [True, True, False]


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    """Its path begins at the folder."""
    (tmp_path / "hook").write_text("https://hook.example/s3cret\n")
    (hook,) = read('[[target]]\nname = "h"\nkind = "webhook"\nurl_file = "hook"\n', tmp_path)
    assert (hook.url, hook.wants("anybody")) == ("https://hook.example/s3cret", True)


def test_a_token_is_a_bearer_s_or_a_password() -> None:
    """With a user it is the password of basic authentication."""
    (jira,) = read(JIRA)
    pair = base64.b64encode(b"bot:s3cret").decode()
    assert jira.service().headers == {"Authorization": f"Basic {pair}"}
    (bare,) = read(JIRA.replace('user = "bot"\n', ""))
    assert bare.service().headers == {"Authorization": "Bearer s3cret"}
    assert Target("h", "webhook", "http://h").service().headers == {}


def test_no_text_shows_a_secret() -> None:
    """Neither that of a target nor that of its service."""
    for target in (*read(MAIL), *read(JIRA)):
        assert "s3cret" not in repr(target) + str(target) + repr(target.service())
        assert base64.b64encode(b"bot:s3cret").decode() not in repr(target.service())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MAIL.replace("url_env", "url"), "it holds secrets"),
        (MAIL.replace('"MAIL"', '"NONE"'), "url_env 'NONE': the variable is set"),
        (MAIL.replace('"MAIL"', '"EMPTY"'), "not empty"),
        (MAIL.replace('"MAIL"', '"TWO"'), "its value is one line"),
        (MAIL.replace('url_env = "MAIL"\n', ""), "none of them: it has one of url"),
        (MAIL + 'url_file = "x"\n', "url_env and url_file"),
        (MAIL.replace('url_env = "MAIL"', 'url_file = "missing"'), "url_file 'missing': it is a UTF-8 file"),
        (MAIL.replace("apprise", "pigeon"), "kind 'pigeon'"),
        (MAIL.replace("html", "rtf"), "format 'rtf'"),
        (MAIL.replace('["web", "lead"]', '["we\\nb"]'), "one line"),
        (MAIL * 2, "'mail' twice"),
        (JIRA.replace('project = "OPS"\n', ""), "no project"),
        (JIRA + 'password = "x"\n', "'password'"),
    ],
)
def test_what_is_no_target_is_named(text: str, said: str) -> None:
    """Secrets in the file, missing and empty ones, unknown kinds; no error repeats a secret."""
    with pytest.raises(SettingsError, match=said) as found:
        read(text)
    assert "s3cret" not in str(found.value)


def test_a_secret_file_that_is_no_text_is_not_shown(tmp_path: Path) -> None:
    """The error of the decoder would hold its bytes."""
    (tmp_path / "hook").write_bytes(b"s3cret\xff")
    with pytest.raises(SettingsError, match="url_file 'hook'") as found:
        read('[[target]]\nname = "h"\nkind = "webhook"\nurl_file = "hook"\n', tmp_path)
    assert found.value.__cause__ is None
    assert found.value.__suppress_context__
