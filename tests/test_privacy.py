"""People in bills: pseudonyms that hold, and an erasure that nobody can undo."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.errors import LakeError, PrivacyError
from finops_lib.privacy import People, is_person_key, replace_addresses

MATERIAL = "0123456789abcdef-not-a-real-secret"
ENVIRON = {"FINOPS_PRIVACY_KEY": MATERIAL}
PSEUDONYM = re.compile(r"person-[a-z2-7]{16}")
ANNA = "anna@example.com"


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People.open(tmp_path / "lake", ENVIRON)


@pytest.fixture(scope="module")
def crowd() -> Iterator[People]:
    with tempfile.TemporaryDirectory() as folder:
        yield People.open(Path(folder) / "lake", ENVIRON)


def rows(tmp_path: Path) -> dict[str, bytes]:
    connection = sqlite3.connect(tmp_path / "lake.private" / "people.sqlite")
    found = dict(connection.execute("SELECT token, person_key FROM people").fetchall())
    connection.close()
    return found


def token_of(name: str) -> str:
    """Naive second way: master key, then token, straight from the standard library."""
    master = hashlib.scrypt(MATERIAL.encode(), salt=b"finops_lib people", n=2**14, r=8, p=1, dklen=32)
    return hmac.new(master, b"token\0" + name.encode(), hashlib.sha256).hexdigest()


def test_the_pseudonym_is_made_from_the_person_key_in_the_map(people: People, tmp_path: Path) -> None:
    """Worked out anew from the two levels: name to token, token to key, key to pseudonym."""
    [found] = people.pseudonyms([" Anna@Example.COM"])
    people.commit()
    digest = hmac.new(rows(tmp_path)[token_of(ANNA)], b"lake\0", hashlib.sha256).digest()
    assert f"person-{base64.b32encode(digest[:10]).decode().lower()}" == found


@pytest.mark.parametrize(
    "other", ["ANNA MÜLLER", "  anna   müller\t", "Anna Mu\u0308ller", "\uff21nna Müller"]
)
def test_spelling_makes_no_second_person(people: People, other: str) -> None:
    """Case, spaces, combining marks and full-width letters."""
    first, second = people.pseudonyms(["Anna Müller", other])
    assert first == second


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0"])
def test_nobody_stays_nobody(people: People, tmp_path: Path, blank: str) -> None:
    """A blank cell keeps its text and adds no person."""
    assert [blank] == people.pseudonyms([blank])
    people.commit()
    assert rows(tmp_path) == {}


def test_a_cell_with_addresses_becomes_those_people(people: People) -> None:
    """The name beside an address goes, the same address once, several joined; so each can be erased."""
    anna, bob = people.pseudonyms([ANNA, "bob@example.com"])
    cells = ["Anna Smith <anna@example.com>", "anna@example.com, Bob@example.com;anna@example.com"]
    assert [anna, f"{anna}; {bob}"] == people.pseudonyms(cells)


def test_the_order_and_number_of_cells_is_kept(people: People) -> None:
    """One answer for each cell, equal ones for equal cells."""
    found = people.pseudonyms(["b", "a", "b", "", "a"])
    assert (found[0], found[1], "", 2) == (found[2], found[4], found[3], len({found[0], found[1]}))


@given(st.lists(st.text(), max_size=20))
def test_pseudonyms_are_one_to_one_stable_and_idempotent(crowd: People, values: list[str]) -> None:
    """Different people differ, the same are the same, no name shows, and twice is once."""
    found = crowd.pseudonyms(values)
    assert found == crowd.pseudonyms(values)
    assert found == crowd.pseudonyms(found)
    for value, pseudonym in zip(values, found, strict=True):
        parts = pseudonym.split("; ")
        assert pseudonym == value if not value.strip() else all(map(PSEUDONYM.fullmatch, parts))


@given(st.lists(st.text("abcdefgh .", min_size=1), unique_by=lambda text: " ".join(text.split())))
def test_different_names_have_different_pseudonyms(crowd: People, values: list[str]) -> None:
    """As many pseudonyms as names."""
    assert len(values) == len(set(crowd.pseudonyms(values)))


def test_what_only_looks_like_a_pseudonym_gets_one(people: People) -> None:
    """Nobody can pass a chosen text off as ours: only what the map has issued stays."""
    fake = "person-aaaaaaaaaaaaaaaa"
    [real] = people.pseudonyms([ANNA])
    [changed] = people.pseudonyms([fake])
    mixed = f"{real}; {fake}"
    assert [real] == people.pseudonyms([real])
    assert fake != changed
    assert [mixed] != people.pseudonyms([mixed])


def test_another_process_finds_the_same_pseudonym(people: People, tmp_path: Path) -> None:
    """What one committed, the next one reads, and it knows the first one's pseudonyms as ours."""
    [here] = people.pseudonyms([ANNA])
    people.commit()
    code = (
        "import sys; from pathlib import Path; from finops_lib.privacy import People\n"
        f"people = People.open(Path({str(tmp_path / 'lake')!r}), {{'FINOPS_PRIVACY_KEY': {MATERIAL!r}}})\n"
        f"print(*people.pseudonyms([{ANNA!r}, {here!r}]))"
    )
    there = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert [here, here] == there.stdout.split()


def test_two_who_invent_a_key_for_one_person_cannot_both_commit(people: People, tmp_path: Path) -> None:
    """The second is refused, the first's pseudonym stands, and after a new start both agree."""
    other = People.open(tmp_path / "lake", ENVIRON)
    [first], [second] = people.pseudonyms([ANNA]), other.pseudonyms([ANNA, "bob"])[:1]
    people.commit()
    with pytest.raises(PrivacyError, match="Remedy: take the bill in again"):
        other.commit()
    other.rollback()
    assert first != second
    assert [first] == other.pseudonyms([ANNA])
    assert len(rows(tmp_path)) == 1


def test_nothing_is_kept_before_the_commit(people: People, tmp_path: Path) -> None:
    """A bill that is refused leaves no person behind; after the rollback he would get a new pseudonym."""
    [before] = people.pseudonyms([ANNA])
    people.rollback()
    people.commit()
    assert (rows(tmp_path), people.pseudonym_of(ANNA)) == ({}, None)
    assert [before] != people.pseudonyms([ANNA])


def test_asking_for_a_pseudonym_adds_nobody(people: People, tmp_path: Path) -> None:
    """Unknown people have none; known ones are found before and after the commit."""
    [anna] = people.pseudonyms([ANNA])
    fresh = people.pseudonym_of("Anna <ANNA@example.com>")
    people.commit()
    answers = (fresh, people.pseudonym_of(ANNA), people.pseudonym_of("bob"), people.pseudonym_of(" "))
    assert (anna, anna, None, None) == answers
    assert len(rows(tmp_path)) == 1


def test_after_erasure_nobody_can_link_name_and_pseudonym(people: People, tmp_path: Path) -> None:
    """With the master key, the name and the whole folder of the map, no way leads to the pseudonym."""
    anna, bob = people.pseudonyms([ANNA, "bob"])
    people.commit()
    key = rows(tmp_path)[token_of(ANNA)]
    assert people.erase("Anna <ANNA@example.com>")
    left = rows(tmp_path)
    material = b"".join(path.read_bytes() for path in (tmp_path / "lake.private").iterdir())
    assert token_of(ANNA) not in left
    assert key not in material
    assert token_of(ANNA).encode() not in material
    again = People.open(tmp_path / "lake", ENVIRON)
    assert (None, bob) == (again.pseudonym_of(ANNA), again.pseudonym_of("bob"))
    assert [anna] != again.pseudonyms([ANNA])
    assert [anna] != again.pseudonyms([anna])


def test_erasure_says_whether_somebody_was_there(people: People) -> None:
    """Once yes, twice no; also somebody not yet committed is forgotten."""
    [before] = people.pseudonyms([ANNA])
    assert (people.erase(ANNA), people.erase(ANNA), people.erase("")) == (True, False, False)
    assert [before] != people.pseudonyms([ANNA])


def test_only_the_owner_can_read_what_is_kept(people: People, tmp_path: Path) -> None:
    """Folder 0700, every file 0600, and nothing in the lake's own folder."""
    people.pseudonyms([ANNA])
    people.commit()
    folder = tmp_path / "lake.private"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert [folder] == list(tmp_path.iterdir())


def test_a_random_key_is_said_once(tmp_path: Path) -> None:
    """Who gives no key is told where one is kept; the next time it is simply used."""
    first = People.open(tmp_path / "lake", {})
    [anna] = first.pseudonyms([ANNA])
    first.commit()
    second = People.open(tmp_path / "lake", {})
    assert str(tmp_path / "lake.private" / "key") in first.notice
    assert ("", [anna]) == (second.notice, second.pseudonyms([ANNA]))


@pytest.mark.parametrize("environ", [{"FINOPS_PRIVACY_KEY": "f" * 40}, {}], ids=["other key", "no key"])
def test_a_map_made_with_another_key_is_refused(
    people: People, tmp_path: Path, environ: dict[str, str]
) -> None:
    """Instead of giving everybody a second pseudonym; the map stays as it is."""
    people.pseudonyms([ANNA])
    people.commit()
    before = rows(tmp_path)
    with pytest.raises(PrivacyError, match=r"to (the|that) key"):
        People.open(tmp_path / "lake", environ)
    assert before == rows(tmp_path)


def test_a_damaged_map_is_refused(tmp_path: Path) -> None:
    """It is named, and not replaced by an empty one."""
    (tmp_path / "lake.private").mkdir(mode=0o700)
    (tmp_path / "lake.private" / "people.sqlite").write_bytes(b"torn" * 999)
    with pytest.raises(LakeError, match=r"people\.sqlite: file is not a database"):
        People.open(tmp_path / "lake", ENVIRON)


def test_no_secret_shows_in_texts_and_errors(people: People, tmp_path: Path) -> None:
    """Neither key nor name in the repr, nor in a traceback that prints every local variable."""
    people.pseudonyms([ANNA])
    people.commit()
    try:
        People.open(tmp_path / "lake", {"FINOPS_PRIVACY_KEY": "f" * 40})
    except PrivacyError as error:
        trace = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown = [frame.locals or {} for frame in trace.stack if frame.name == "open"]
    assert shown[-1]["master"] == "<key>"
    for secret in (MATERIAL, ANNA, rows(tmp_path)[token_of(ANNA)].hex()):
        assert secret not in f"{people!r} {people} {trace.exc_type} {''.join(trace.format_exception_only())}"


@pytest.mark.parametrize("key", [
    "owner", "Owner", "OWNER", "owners", "tech-owner", "costowner", "ownerId", "user:Owner",
    "aws:createdBy", "created_by", "CreatedBy", "createdby", "Launched By", "kubernetes.io/created-by",
    "email", "e-mail", "E-Mail", "EMail", "eMail", "contact", "billing-contact", "contact.email",
    "user", "username", "user_name", "UserName", "creator", "requester", "Responsible", "assignee",
    "maintainer", "author", "employee", "employee-id", "person", "resource_tags_user_owner",
    "resourceTags/user:owner", "resource_tags_aws_created_by", "team owner", "mail",
])  # fmt: skip
def test_keys_that_hold_people(key: str) -> None:
    """Whatever case, separator or export prefix they are written with."""
    assert is_person_key(key)


@pytest.mark.parametrize("key", [
    "", "team", "Name", "environment", "cost-center", "cost_center", "user:cost-center",
    "aws:autoscaling:groupName", "user-agent", "userAgent", "userpool", "UserPool", "user-data",
    "user_type", "owner-team", "ownerTeam", "owner_department", "contact-center", "ContactCentre",
    "customer-facing", "email-domain", "managed-by", "app.kubernetes.io/managed-by",
    "resource_tags_user_team", "resource_tags_user_cost_center", "resourceTags/user:project",
    "authorization", "homeowners", "ServiceName", "BillingAccountName", "created", "standby",
    "person_count",
])  # fmt: skip
def test_keys_that_hold_none(key: str) -> None:
    """A person word inside another word or before a thing or a group is none."""
    assert not is_person_key(key)


@pytest.mark.parametrize(("text", "expected"), [
    ("ask anna@example.com, please.", "ask {anna}, please."),
    ("anna@example.com.", "{anna}."),
    ("<anna@example.com>", "<{anna}>"),
    ("mailto:ANNA@example.com", "mailto:{anna}"),
    ("'anna@example.com'", "'{anna}'"),
    ("...anna@example.com...", "...{anna}..."),
    ("“anna@example.com”", "“{anna}”"),
    ("arn:aws:ses:us-east-1:123456789012:identity/anna@example.com",
     "arn:aws:ses:us-east-1:123456789012:identity/{anna}"),
    ("https://x.io/?to=anna@example.com&cc=1#a", "https://x.io/?to={anna}&cc=1#a"),
    ("https://x.io/?q=ask%20anna%40example.com&cc=1", "https://x.io/?q=ask%20{anna}&cc=1"),
    ('{"by":"anna@example.com","n":1}', '{"by":"{anna}","n":1}'),
    (r'{"by":"anna\u0040example.com"}', '{"by":"{anna}"}'),
    (r'{"by":"x\nanna@example.com"}', r'{"by":"x\n{anna}"}'),
    (r'{"by":"j\u00fcrgen@example.com"}', '{"by":"{jürgen}"}'),
    ("Jürgen@example.com und Ju\u0308rgen@example.com", "{jürgen} und {jürgen}"),
    ("anna+cloud%2Baws@example.com", "{plus}"),
    ("anna+cloud+aws@example.com", "{plus}"),
    ("o'brien@example.com", "{o'brien}"),
    ("用户@例え.テスト", "{用户}"),
    ("a@anna@example.com", "a@{anna}"),
])  # fmt: skip
def test_addresses_in_text_are_replaced_and_the_rest_kept(people: People, text: str, expected: str) -> None:
    """Wherever they stand: sentences, URLs, ARNs, JSON, escapes, other scripts."""
    names = {
        "anna": ANNA, "jürgen": "jürgen@example.com", "plus": "anna+cloud+aws@example.com",
        "o'brien": "o'brien@example.com", "用户": "用户@例え.テスト",
    }  # fmt: skip
    for name, address in names.items():
        expected = expected.replace(f"{{{name}}}", people.pseudonyms([address])[0])
    assert [expected] == replace_addresses([text], people)


@pytest.mark.parametrize("text", [
    "", "no address", "2 @ 0.10 USD", "image@sha256:0a", "lib@1.2.0", "npm/@scope/pkg@1.2", "@home", "a@",
    "a@b", "user@localhost", "@@@", "anna@.com", "\\u0040", "%40", "100%",
])  # fmt: skip
def test_what_is_no_address_stays(people: People, tmp_path: Path, text: str) -> None:
    """A price, a digest, a version: unchanged, and nobody is added."""
    assert [text] == replace_addresses([text], people)
    people.commit()
    assert rows(tmp_path) == {}


@given(st.lists(st.text(st.sampled_from("ab.@ \"\\%40u<>,:/é'-\n")), max_size=8))
def test_replacing_twice_is_replacing_once(crowd: People, texts: list[str]) -> None:
    """Whatever stands around an address, none is left for a second look, and JSON stays JSON."""
    wrapped = [json.dumps({"text": text}) for text in texts]
    once = replace_addresses(wrapped, crowd)
    assert once == replace_addresses(once, crowd)
    assert [{"text"}] * len(texts) == [set(json.loads(text)) for text in once]


@given(st.from_regex(r"[a-z][a-z0-9+_.-]{0,20}[a-z]@([a-z][a-z0-9]{0,9}\.){1,3}[a-z]{2,5}", fullmatch=True))
def test_no_usual_address_survives(crowd: People, address: str) -> None:
    """In a sentence, in JSON and in a query string, the address is gone and its surroundings are not."""
    [pseudonym] = crowd.pseudonyms([address])
    texts = ["by {} today", '{{"a": "{}"}}', "https://x/?a={}&b"]
    assert [text.format(pseudonym) for text in texts] == replace_addresses(
        [text.format(address) for text in texts], crowd
    )


@pytest.mark.parametrize("text", [
    "a" * 10**6 + "@", "a@" * 500_000, "a@" + "1." * 500_000, "a@b" + "-" * 10**6, "%" * 10**6 + "@x.io",
    "'" * 10**6 + "@", "." * 10**6 + "@x.io", "%20" * 300_000 + "@x.io", "\\u00fc" * 160_000 + "@x.io",
], ids=lambda text: text[:6])  # fmt: skip
def test_hostile_megabytes_take_seconds_at_most(crowd: People, text: str) -> None:
    """Time grows with the length of a cell: a quadratic search would take hours here."""
    start = time.process_time()
    replace_addresses([text], crowd)
    crowd.rollback()
    assert time.process_time() - start < 10
