"""Terraform files judged by the program itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_lib.policy.check.finding import Finding, NotRun, Part
from finops_lib.policy.check.schema_terraform import check_terraform

GOOD = b'resource "terraform_data" "x" {\n  input = "a"\n}\n'


def test_good_files_have_no_finding() -> None:
    """The version of the program is told."""
    part = check_terraform({"a/main.tf": GOOD, "a/x.tfvars": b"", "README.md": b"x"})
    assert (part.findings, part.not_run) == ((), ())
    assert (part.ran[0].program, part.ran[0].looked_at) == ("terraform", 2)
    assert part.ran[0].version[0].isdigit()


def test_a_file_out_of_form_is_a_warning_at_its_first_line() -> None:
    """Two lines would move; the names of files are not the program's business."""
    ugly = GOOD.replace(b"  input", b"input") + b"\nlocals {\n  a   = 1\n}\n"
    [one] = check_terraform({"--- old/x\n+++ b.tf": ugly}).findings
    message = "not in canonical form: 2 lines would change; run terraform fmt"
    assert one == Finding("terraform", "terraform/fmt", "warning", message, "--- old/x\n+++ b.tf", 2)


def test_what_is_not_valid_is_an_error_at_its_line() -> None:
    """A name that is not declared; the snippet, which could quote a value, is not told."""
    wrong = GOOD.replace(b'"a"', b"var.none")
    [one] = check_terraform({"a/main.tf": wrong}).findings
    assert (one.rule, one.level, one.file, one.line) == ("terraform/validate", "error", "a/main.tf", 2)
    assert one.message.startswith("Reference to undeclared input variable: An input variable")


def test_a_file_that_cannot_be_read_is_an_error() -> None:
    """Form and validity both say where."""
    found = check_terraform({"a/b.tf": b'locals {\n  a = 1\n  b = "\n}\n', "c/d.tf": GOOD}).findings
    assert {(one.file, one.level) for one in found} == {("a/b.tf", "error")}
    assert {one.rule for one in found} == {"terraform/syntax", "terraform/validate"}
    assert {one.line for one in found} <= {3, 4}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            b'resource "aws_instance" "x" {}\n',
            "net: Missing required provider: registry.terraform.io/hashicorp/aws",
        ),
        (b'module "x" {\n  source = "git::https://example.invalid/x"\n}\n', "net: Module not installed"),
    ],
)
def test_a_folder_that_needs_a_plugin_or_module_is_said_not_to_be_validated(
    content: bytes, reason: str
) -> None:
    """Its form is still checked, the others are still validated, and nothing is fetched."""
    part = check_terraform({"net/main.tf": content, "a/main.tf": GOOD.replace(b'"a"', b"var.none")})
    assert part.not_run == (NotRun("terraform", reason),)
    assert [one.file for one in part.findings] == ["a/main.tf"]


def test_with_a_folder_of_trusted_plugins_that_is_empty_the_reason_is_the_same(tmp_path: Path) -> None:
    """The program looks there and nowhere else."""
    part = check_terraform({"a/main.tf": b'resource "aws_instance" "x" {}\n'}, plugins=tmp_path)
    assert [left.reason for left in part.not_run] == [
        "a: Missing required provider: registry.terraform.io/hashicorp/aws"
    ]


def test_programs_that_a_repository_brings_along_never_start(tmp_path: Path) -> None:
    """A provider within the tree would be a program of whoever wrote the change."""
    program = f"#!/bin/sh\ntouch {tmp_path}/started\n".encode()
    kept = "a/.terraform/providers/registry.terraform.io/hashicorp/aws/9.9.9/linux_amd64"
    files = {
        "a/main.tf": b'resource "aws_instance" "x" {}\n',
        f"{kept}/terraform-provider-aws_v9.9.9": program,
        "a/terraform.d/plugins/terraform-provider-aws": program,
        ".terraformrc": b"",
        "a/.terraform.lock.hcl": b'provider "registry.terraform.io/hashicorp/aws" {\n  version = "9"\n}\n',
    }
    assert len(check_terraform(files, plugins=tmp_path).not_run) == 1
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("required", [True, False])
def test_without_the_program_the_check_is_said_not_to_have_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, required: bool
) -> None:
    """Whether that stops a change is for the caller to say."""
    monkeypatch.setenv("PATH", str(tmp_path))
    part = check_terraform({"a/main.tf": GOOD}, required=required)
    assert part == Part(
        not_run=(NotRun("terraform", "the program terraform is not installed", required=required),)
    )


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("sleep 60", "terraform: it did not end within 0.5 s"),
        ("echo no", "terraform: it does not tell its version"),
        (
            'if [ "$1" = version ]; then echo \'{"terraform_version": "1"}\'; else echo odd >&2; exit 1; fi',
            "terraform: fmt ended with 1: odd",
        ),
    ],
)
def test_a_program_that_fails_has_not_run(tmp_path: Path, script: str, reason: str) -> None:
    """Too slow, no version, no form: the reason is told."""
    program = tmp_path / "terraform"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    part = check_terraform({"a/main.tf": GOOD}, program=program, seconds=0.5, required=True)
    assert part == Part(not_run=(NotRun("terraform", reason, required=True),))


def test_without_terraform_files_there_is_nothing_to_run() -> None:
    """No check, no reason."""
    assert check_terraform({"a.yaml": b"a: 1"}, required=True) == Part()


@pytest.mark.parametrize("required", [True, False])
def test_a_folder_whose_validation_fails_is_required_where_the_check_is(
    tmp_path: Path, required: bool
) -> None:
    """A change that lets the program hang or say nothing must not pass for it."""
    program = tmp_path / "terraform"
    version = """if [ "$1" = version ]; then echo '{"terraform_version": "1"}'; fi"""
    program.write_text(f"#!/bin/sh\n{version}\nif [ $1 = validate ]; then echo lost >&2; exit 9; fi\n")
    program.chmod(0o755)
    part = check_terraform({"a/main.tf": GOOD}, program=program, required=required)
    assert part.not_run == (NotRun("terraform", "a: validate ended with 9: lost", required=required),)
    assert part.ran[0].version == "1"


def test_more_folders_than_are_validated_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of three is, the other two are told."""
    monkeypatch.setattr("finops_lib.policy.check.schema_terraform._MOST_FOLDERS", 1)
    wrong = GOOD.replace(b'"a"', b"var.none")
    part = check_terraform({f"{name}/main.tf": wrong for name in "abc"}, required=True)
    assert [one.file for one in part.findings] == ["a/main.tf"]
    assert part.not_run == (NotRun("terraform", "2 folders more than 1 not validated", required=True),)
