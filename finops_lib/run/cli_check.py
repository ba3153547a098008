"""The command ``finops check``: may a change of the estate's repository be merged."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from finops_lib.run import check_json
from finops_lib.run.answers import REFUSED, answering, print_json, print_lines, step_progress
from finops_lib.run.check_asked import ENGINEER, Asked, Prices, Rules
from finops_lib.run.checking import check as judge
from finops_lib.run.opening import moment
from finops_lib.run.options import AsJson, Bundle, OpaUrl, Pinned, Push, Waivers

STEPS = 8


def check(  # noqa: PLR0913, PLR0917  each is an option of the command line
    repo: Annotated[Path, typer.Option(help="Repository of the estate.", file_okay=False)] = Path(),
    base: Annotated[str, typer.Option(help="Commit, branch or tag that is merged into.")] = "main",
    head: Annotated[str, typer.Option(help="Commit, branch or tag with the change.")] = "HEAD",
    policy: Bundle = "",
    pinned: Pinned = "",
    opa: OpaUrl = "",
    push: Push = False,
    waivers: Waivers = "",
    at: Annotated[str, typer.Option(help="Moment that policies are told, ISO 8601; now if empty.")] = "",
    prices: Annotated[str, typer.Option(help="CSV of instance types by region; else a selection.")] = "",
    author: Annotated[str, typer.Option(help="Who changes; else the author of the head commit.")] = "",
    role: Annotated[list[str] | None, typer.Option(help="Role of the author; may be repeated.")] = None,
    team: Annotated[str, typer.Option(help="Team of the author; else that of the change.")] = "",
    teams: Annotated[list[str] | None, typer.Option(help="A team besides those of CODEOWNERS.")] = None,
    region: Annotated[list[str] | None, typer.Option(help="Region where templates run.")] = None,
    kubernetes: Annotated[str, typer.Option(help="Release of Kubernetes, such as 1.33.")] = "",
    plugins: Annotated[str, typer.Option(help="Folder of Terraform providers to trust.")] = "",
    require: Annotated[
        bool | None,
        typer.Option(
            "--require/--no-require", help="Fail where terraform is absent; so by default with CI set."
        ),
    ] = None,
    sarif: Annotated[str, typer.Option(help="Write SARIF 2.1.0 to this file.")] = "",
    junit: Annotated[str, typer.Option(help="Write JUnit XML to this file.")] = "",
    markdown: Annotated[str, typer.Option(help="Write the comment for a pull request to this file.")] = "",
    as_json: AsJson = False,
) -> None:
    """Judge a change of the estate's repository: schemas, policies, cost and secrets of the merge result."""
    with answering(as_json=as_json), step_progress(STEPS) as progress:
        asked = Asked(
            repo,
            base,
            head,
            moment(at),
            Rules.read(folder=policy, pinned=pinned, url=opa, push=push, waivers=waivers),
            Prices.read(prices),
            author=author,
            roles=tuple(role or [ENGINEER]),
            team=team,
            teams=tuple(teams or ()),
            required=bool(os.environ.get("CI")) if require is None else require,
            plugins=Path(plugins) if plugins else None,
            regions=tuple(region or ["us-east-1"]),
            release=kubernetes,
            progress=progress,
        )
        answer = judge(asked)
        check_json.write_files(answer, sarif_file=sarif, junit_file=junit, markdown_file=markdown)
        if as_json:
            print_json(check_json.content(answer, asked))
        else:
            print_lines(*check_json.lines(answer))
        if not answer.checked.passed:
            raise typer.Exit(REFUSED)
