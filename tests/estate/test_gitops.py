from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from finops_lib.estate.company import Company, company
from finops_lib.estate.gitops import write_repository
from finops_lib.estate.terraform import RepositoryWorld

Written = tuple[Path, dict[str, Any]]
STRING = re.compile(r'"(?:\\.|[^"\\])*"')
NOISE = re.compile(r'("(?:\\.|[^"\\])*")|#[^\n]*|/\*.*?\*/', re.DOTALL)


class Tagged(yaml.SafeLoader):
    """Reads intrinsic functions of CloudFormation as plain values."""


def plain_value(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    return {suffix: node.value}


Tagged.add_multi_constructor("!", plain_value)


@pytest.fixture(scope="module")
def who() -> Company:
    return company(11, slots=160)


@pytest.fixture(scope="module")
def repository(who: Company, tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("repository")
    return folder, write_repository(folder, who)


def text_of(written: Written, path: str) -> str:
    return (written[0] / path).read_text(encoding="utf-8")


def line_of(written: Written, where: dict[str, Any]) -> str:
    return text_of(written, where["path"]).splitlines()[where["line"] - 1]


def bare(text: str) -> str:
    """HCL without comments; strings stay."""
    return NOISE.sub(lambda found: found.group(1) or "", text)


def blocks(text: str) -> Iterator[tuple[str, str, str]]:
    """Type, label and body of each top-level resource and module, by counting braces outside strings."""
    clean = bare(text)
    for head in re.finditer(r'^(?:resource "(\w+)"|(module)) "(\w+)" \{', clean, re.MULTILINE):
        depth, place = 1, head.end()
        while depth:
            string = STRING.match(clean, place)
            if string:
                place = string.end()
                continue
            depth += {"{": 1, "}": -1}.get(clean[place], 0)
            place += 1
        yield head.group(1) or "module", head.group(3), clean[head.end() : place - 1]


def declared(written: Written) -> dict[str, dict[str, str]]:
    """Address to body of everything in an account's Terraform, with the path."""
    found = {}
    for path in written[1]["files"]:
        if path.startswith("terraform/accounts/") and path.endswith(".tf"):
            for kind, label, body in blocks(text_of(written, path)):
                found[f"{path}:{kind}.{label}"] = {"path": path, "kind": kind, "label": label, "body": body}
    return found


def test_every_file_told_is_there_and_no_other(repository: Written) -> None:
    """The list of files is the folder's."""
    root = repository[0]
    there = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    assert there == repository[1]["files"]
    assert len(there) > 40


def test_yaml_parses(repository: Written) -> None:
    """All but Helm's template: every document is an object."""
    for path in repository[1]["files"]:
        if path.endswith(".yaml") and "/templates/" not in path:
            documents = list(yaml.load_all(text_of(repository, path), Loader=Tagged))
            assert documents
            assert all(isinstance(document, dict) for document in documents)


def test_braces_of_terraform_are_balanced(repository: Written) -> None:
    """Strings and comments left out, as many open as close, and none closes first."""
    for path in repository[1]["files"]:
        if path.endswith((".tf", ".tfvars")):
            depth = 0
            for sign in re.sub(r"[^{}]", "", STRING.sub("", bare(text_of(repository, path)))):
                depth += 1 if sign == "{" else -1
                assert depth >= 0
            assert depth == 0


def test_resources_of_the_bill_stand_where_it_is_told(repository: Written, who: Company) -> None:
    """The line begins the declaration of the address; ids are billed ones, what is left is unmanaged."""
    for where in repository[1]["resources"].values():
        name = re.split(r"[./]", where["address"])[-1]
        line = line_of(repository, where)
        assert name in line or "kind: Deployment" in line
        for attribute, number in where["attributes"].items():
            if attribute in ("instance_type", "instance_class", "node_type", "size", "replicas"):
                assert attribute in text_of(repository, where["path"]).splitlines()[number - 1]
    newest = {slot.resource_id(who.seed, 2026 * 12 + 8) for slot in who.slots}
    assert set(repository[1]["unmanaged"]) <= newest
    assert not set(repository[1]["unmanaged"]) & set(repository[1]["resources"])


def test_unencrypted_buckets_are_those_without_encryption(repository: Written) -> None:
    """Read naively: no block inside, no second resource, or a module told not to."""
    found, expected = declared(repository), set()
    second = {
        (item["path"], item["label"]) for item in found.values()
        if item["kind"] == "aws_s3_bucket_server_side_encryption_configuration"
    }  # fmt: skip
    for item in found.values():
        bucket = item["kind"] == "aws_s3_bucket" and "server_side_encryption" not in item["body"]
        off = "modules/bucket" in item["body"] and re.search(r"encrypted\s*=\s*false", item["body"])
        if off or (bucket and (item["path"], item["label"]) not in second):
            expected.add((item["path"], f"{item['kind']}.{item['label']}"))
    planted = [item for item in repository[1]["planted"] if item["kind"] == "unencrypted_bucket"]
    assert {(item["path"], item["address"]) for item in planted} == expected
    assert expected


def test_public_databases_and_open_ports_are_all_told(repository: Written) -> None:
    """What says so outside a comment; port 443 may be open."""
    databases, ports = set(), set()
    for item in declared(repository).values():
        if re.search(r"publicly_accessible\s*=\s*true", item["body"]):
            databases.add((item["path"], f"{item['kind']}.{item['label']}"))
        if '"0.0.0.0/0"' in item["body"] and not re.search(r"from_port\s*=\s*443", item["body"]):
            ports.add((item["path"], f"{item['kind']}.{item['label']}"))
    told = repository[1]["planted"]
    assert {(x["path"], x["address"]) for x in told if x["kind"] == "public_database"} == databases
    assert {
        (x["path"], x["address"]) for x in told if x["kind"] == "open_port" and "google" not in x["path"]
    } == ports
    assert databases
    assert ports


def test_drift_is_where_the_code_differs_from_the_bill(repository: Written, who: Company) -> None:
    """Size by size: what the line says, against the instance type billed for this id."""
    billed = {
        slot.resource_id(who.seed, month): slot.product.instance
        for slot in who.slots for month in range(2025 * 12 + 7, 2026 * 12 + 9) if slot.product.instance
    }  # fmt: skip
    drifted = {item["resource"]: item for item in repository[1]["planted"] if item["kind"] == "drift"}
    newest = {slot.resource_id(who.seed, 2026 * 12 + 8) for slot in who.slots}
    expected = set()
    for resource, where in repository[1]["resources"].items():
        sizes = [where["attributes"].get(name) for name in ("instance_type", "instance_class", "node_type")]
        if resource not in billed or resource not in newest:
            continue
        page = text_of(repository, where["path"])
        line = page.splitlines()[next(number for number in sizes if number) - 1]
        if "var." in line:
            values = str(Path(where["path"]).with_name("sizes.auto.tfvars"))
            line = text_of(repository, values).splitlines()[where["attributes"]["tfvars"] - 1]
        if f'"{billed[resource]}"' not in line:
            expected.add(resource)
    assert set(drifted) == expected
    assert expected
    assert all(f'"{item["declared"]}"' in line_of(repository, item) for item in drifted.values())


def test_missing_tags_are_those_nobody_wrote(repository: Written, who: Company) -> None:
    """For each declared resource the keys of the bill's own tags, without regard to case and spaces."""
    told = {
        item["resource"]: item["missing"]
        for item in repository[1]["planted"]
        if item["kind"] == "missing_tags"
    }
    for slot in who.slots:
        resource = slot.resource_id(who.seed, 2026 * 12 + 8)
        if resource in repository[1]["resources"]:
            keys = {key.strip().lower() for key, value in slot.tags.items() if value.strip()}
            missing = [key for key in ("team", "environment", "cost-center") if key not in keys]
            assert told.get(resource, []) == missing
    assert len(told) > 20


def test_my_app_asks_for_what_its_overlay_may_change(repository: Written) -> None:
    """Three replicas, 250m and 512Mi, at most 500m and 1Gi; staging has one."""
    base = yaml.safe_load(text_of(repository, "kubernetes/my-app/base/deployment.yaml"))
    assert base["spec"]["replicas"] == 3
    assert base["spec"]["template"]["spec"]["containers"][0]["resources"] == {
        "requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"cpu": "500m", "memory": "1Gi"},
    }  # fmt: skip
    overlay = yaml.safe_load(text_of(repository, "kubernetes/my-app/overlays/staging/kustomization.yaml"))
    assert yaml.safe_load(overlay["patches"][0]["patch"]) == [
        {"op": "replace", "path": "/spec/replicas", "value": 1}
    ]


def test_requests_that_do_not_fit_point_to_their_line(repository: Written) -> None:
    """The line told holds the CPU request of the workload."""
    found = [item for item in repository[1]["planted"] if item["kind"] == "requests"]
    assert {item["planted"] for item in found} == {"oversized", "hot", "idle", "leak"}
    for item in found:
        cores = line_of(repository, item).strip()
        assert cores in (f"cpu: {item['cpu_milli']}m", f"cpu: {item['cpu_milli'] / 1000:g}")


def test_terraform_gives_back_the_tags_of_the_bill(repository: Written, who: Company) -> None:
    """Key by key, whatever alphabet or quotes; tags that the provider sets itself are not written."""
    bodies = {f"{item['path']}:{item['label']}": item["body"] for item in declared(repository).values()}
    checked = 0
    for slot in who.slots:
        where = repository[1]["resources"].get(slot.resource_id(who.seed, 2026 * 12 + 8))
        if where and where["path"].endswith(".tf") and slot.product.key != "s3-storage":
            text = bodies.get(f"{where['path']}:{where['address'].partition('.')[2]}", "")
            pairs = re.findall(rf"({STRING.pattern}) = ({STRING.pattern})", text)
            own = {key: value for key, value in slot.tags.items() if not key.startswith("aws:")}
            assert {json.loads(key): json.loads(value) for key, value in pairs} in (own, {})
            checked += bool(pairs)
    assert checked > 20


@pytest.mark.parametrize("share", [0, 1000])
def test_shares_plant_none_or_all(who: Company, tmp_path: Path, share: int) -> None:
    """At 0 nothing of the kind, at 1000 every bucket, database and sized machine."""
    world = RepositoryWorld(unencrypted=share, exposed=share, drifted=share)
    counts = write_repository(tmp_path, who, world=world)["counts"]
    here = [slot for slot in who.slots if slot.last_day > 20_714]
    buckets = sum(slot.product.key in ("s3-storage", "s3-requests") for slot in here)
    databases = sum(slot.product.key in ("r6g.large", "m6g.2xlarge") for slot in here)
    sized = sum(bool(slot.product.instance) for slot in here)
    found = [counts.get(kind, 0) for kind in ("unencrypted_bucket", "public_database", "drift")]
    assert found == ([buckets, databases, sized] if share else [0, 0, 0])


def test_the_bytes_of_a_seed_are_pinned(tmp_path: Path) -> None:
    """Paths and contents of a small repository, and its truth, the same on any machine."""
    truth = write_repository(tmp_path, company(7, slots=1))
    digest = hashlib.sha256(json.dumps(truth, sort_keys=True).encode())
    for path in truth["files"]:
        digest.update(path.encode() + (tmp_path / path).read_bytes())
    assert digest.hexdigest()[:16] == "4bcd91d69ad84e6f"
