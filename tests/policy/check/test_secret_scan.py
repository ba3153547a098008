"""Secrets in files, made up here and put together from parts so that this file holds none."""

from __future__ import annotations

import json
import random
import socket
import string
from pathlib import Path

import pytest

from finops_lib.policy.check.finding import Finding
from finops_lib.policy.check.secret_scan import check_secrets

SAMPLES = Path(__file__).resolve().parents[3] / "data" / "samples" / "repository"
DRAW = random.Random(7)  # noqa: S311  made up, and the same each time
MIXED = "".join(DRAW.sample(string.ascii_letters + string.digits, 40))
HEX = "".join(DRAW.choices("0123456789abcdef", k=40))
AWS = "AKIA" + "QYLPMN5HFIQR7BBB"
GITHUB = "ghp_" + MIXED[:36]
SLACK = "xox" + "b-123456789012-1234567890123-" + MIXED[:24]
PASSWORD = "Tr0ub4dor" + "-und-3"
KEY = "-----BEGIN RSA " + "PRIVATE KEY-----"
URL = "https://bob:" + PASSWORD + "@git.lantern.example/x"


def found(text: str, *, path: str = "app/settings.yaml", before: str = "") -> tuple[Finding, ...]:
    """Check one file."""
    return check_secrets({path: text.encode()}, before={path: before.encode()}).findings


@pytest.mark.parametrize(
    ("path", "line", "secret", "kind"),
    [
        ("main.tf", f'  access_key = "{AWS}"', AWS, "AWS Access Key"),
        ("a.yaml", f"key: {AWS}", AWS, "AWS Access Key"),
        ("id_rsa", KEY, KEY, "Private Key"),
        ("ci.env", f"GH={GITHUB}", GITHUB, "GitHub Token"),
        ("notes.md", f"call {SLACK} now", SLACK, "Slack Token"),
        ("a.yaml", f"url: {URL}", PASSWORD, "Basic Auth Credentials"),
        ("main.tf", f'  password = "{PASSWORD}"', PASSWORD, "Secret Keyword"),
        ("a.yaml", f"  password: {PASSWORD}", PASSWORD, "Secret Keyword"),
        (".env", f"DB_PASSWORD={PASSWORD}", PASSWORD, "Secret Keyword"),
        ("a.json", json.dumps({"a": 1, "db_password": PASSWORD}), PASSWORD, "Secret Keyword"),
        ("a.yaml", f"seed: '{MIXED}'", MIXED, "Base64 High Entropy String"),
        ("a.yaml", f"seed: {MIXED}", MIXED, "Base64 High Entropy String"),
        ("main.tf", f'  seed = "{HEX}"', HEX, "Hex High Entropy String"),
    ],
)
def test_a_secret_is_found_and_never_told(path: str, line: str, secret: str, kind: str) -> None:
    """File, line and kind; no four characters of the secret in a row."""
    [one] = found(f"# first\n# second\n{line}\n", path=path)
    assert (one.level, one.file, one.line, one.subject) == ("error", path, 3, kind)
    told = json.dumps(one.to_json()).replace(kind, "").replace(path, "")
    parts = {secret[place : place + 5] for place in range(len(secret) - 4)}
    assert kind == "Private Key" or not {part for part in parts if part in told}


@pytest.mark.parametrize(
    "line",
    [
        "password: changeme",
        "password: your-password-here",
        "password: xxxxxxxxxxxx",
        'password = "${var.db_password}"',
        "password: <password>",
        "password: ${DB_PASSWORD}",
        "password: $DB_PASSWORD",
        "password: '{{ .Values.password }}'",
        "password: !Ref DbPassword",
        "secretName: web-tls-certificate",
        "  - secret: {secretName: web-tls}",
        "secret_arn: arn:aws:secretsmanager:us-east-1:123456789012:secret:web",
        "password_file: /run/secrets/password",
        "password = data.aws_ssm_parameter.db.value",
        f"image: web@sha256:{HEX}",
        f'digest: "{HEX}"',
        f'bucket = "{HEX}"',
        'access_key = "AKIA' + 'IOSFODNN7EXAMPLE"',
        "id: 123e4567-e89b-12d3-a456-426614174000",
        "cidr: 203.0.113.7/32",
    ],
)
def test_what_only_looks_like_a_secret_is_left_alone(line: str) -> None:
    """Placeholders, references, names of secrets, checksums, documented examples."""
    assert found(f"{line}\n", path="a.yaml") == ()


def test_the_sample_repository_has_none() -> None:
    """Names of buckets and databases look random and are no secrets."""
    files = {
        str(path.relative_to(SAMPLES)): path.read_bytes() for path in SAMPLES.rglob("*") if path.is_file()
    }
    part = check_secrets(files)
    assert (part.findings, part.not_run) == ((), ())
    assert part.ran[0].looked_at == len(files)


def test_a_comment_makes_it_a_note_and_not_silence() -> None:
    """Who writes the change writes the comment as well: a reviewer sees it."""
    text = (
        f"password: {PASSWORD} # pragma: allowlist secret\n# pragma: allowlist nextline secret\nurl: {URL}\n"
    )
    assert [(one.line, one.level) for one in found(text)] == [(1, "note"), (3, "note")]
    carried = f"password: {PASSWORD} # pragma: allowlist secret\nurl: {URL}\n"
    assert [(one.line, one.level) for one in found(carried)] == [(1, "note"), (2, "error")]


def test_a_secret_that_was_there_before_is_a_warning() -> None:
    """Also when its line moved; a second one is an error."""
    old = f"password: {PASSWORD}\n"
    assert [(one.line, one.level) for one in found(f"a: 1\n{old}", before=old)] == [(2, "warning")]
    both = found(f"{old}token: {GITHUB}\n", before=old)
    assert [(one.line, one.level) for one in both] == [(1, "warning"), (2, "error")]


def test_another_private_key_is_a_new_one() -> None:
    """Its first line is the same in all."""
    old, new = (f"{KEY}\n{body}\n" for body in (MIXED, MIXED[::-1]))
    assert [one.level for one in found(old, path="key", before=old)] == ["warning"]
    assert [one.level for one in found(new, path="key", before=old)] == ["error"]


def test_the_fingerprint_tells_two_secrets_of_a_kind_apart_and_stays_when_lines_move() -> None:
    """Two passwords, then the first five lines further down."""
    one, two = found(f"password: {PASSWORD}\npassword: {PASSWORD}2\n")
    [moved] = found("\n" * 5 + f"password: {PASSWORD}\n")
    assert one.fingerprint != two.fingerprint
    assert (moved.line, moved.fingerprint) == (6, one.fingerprint)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1"])
def test_the_encoding_of_a_file_hides_nothing(encoding: str) -> None:
    """Text of Windows, a byte order mark, and what is no UTF-8."""
    text = f"name: Zoë\npassword: {PASSWORD}\n".encode(encoding)
    assert [one.line for one in check_secrets({"a.yaml": text}).findings] == [2]


def test_a_zero_byte_or_a_very_long_line_hides_nothing() -> None:
    """A file that looks binary, and a token in the middle of a megabyte."""
    assert [one.line for one in found(f"\0\npassword: {PASSWORD}\n")] == [2]
    [one] = found(f"a\n{'x ' * 250_000}{GITHUB}{' y' * 250_000}\n", path="a.txt")
    assert (one.line, one.subject) == (2, "GitHub Token")


def test_what_is_not_read_is_told() -> None:
    """A picture is counted as not run; a file too large for the scan stops the change."""
    part = check_secrets({"a.png": bytes(range(32)) * 10, "b.yaml": b"x" * ((4 << 20) + 1)})
    [large] = part.findings
    assert (large.rule, large.level, large.file) == ("secrets/too-large", "error", "b.yaml")
    assert large.message == "the file has more than 4194304 bytes and was not read"
    assert [left.reason for left in part.not_run] == ["no text, so not read: 1 file"]


def test_no_service_is_asked_about_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan that verified a key would send it somewhere."""

    def refuse(*_: object) -> None:
        raise AssertionError("the scan opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert len(found(f"a: {SLACK}\nb: {GITHUB}\nc: {AWS}\n")) == 3
