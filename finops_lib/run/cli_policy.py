"""The commands of ``finops policy``: policies are code, with tests, and with a trial before they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from finops_lib.run import policy_replaying, policy_testing
from finops_lib.run.answers import REFUSED, answering, print_json, print_lines, step_progress
from finops_lib.run.check_asked import TOKEN_VARIABLE, Prices
from finops_lib.run.demo import sample_folder
from finops_lib.run.opening import moment
from finops_lib.run.options import AsJson, OpaUrl, Pinned, Push

policy = typer.Typer(
    help="Policies as code: test them, and replay them before they hold.", no_args_is_help=True
)
BundleFolder = Annotated[str, typer.Option("--bundle", help="Folder of the bundle; else the shipped one.")]


@policy.command()
def test(
    bundle: BundleFolder = "",
    pinned: Pinned = "",
    opa: OpaUrl = "",
    push: Push = False,
    mutants: Annotated[bool, typer.Option(help="Try small changes, which a case must notice.")] = True,
    as_json: AsJson = False,
) -> None:
    """Run the cases of a bundle, see that each rule fires, and that its cases notice a mistake."""
    with answering(as_json=as_json), step_progress(3) as progress:
        shown = policy_testing.test_bundle(
            bundle,
            pinned=pinned,
            url=opa,
            push=push,
            token_variable=TOKEN_VARIABLE,
            mutants=mutants,
            progress=progress,
        )
        if as_json:
            print_json(policy_testing.content(shown))
        else:
            print_lines(*policy_testing.lines(shown))
        if not shown.passed:
            raise typer.Exit(REFUSED)


@policy.command()
def replay(  # noqa: PLR0913, PLR0917  each is an option of the command line
    bundle: Annotated[str, typer.Option("--bundle", help="Folder of the new bundle.")],
    against: Annotated[str, typer.Option(help="Folder of the bundle in force; else the shipped one.")] = "",
    decisions: Annotated[
        list[Path] | None,
        typer.Option(help="JSON lines of past decisions; else those of the sample company."),
    ] = None,
    repo: Annotated[
        Path | None, typer.Option(help="Repository of the estate; else that of the sample company.")
    ] = None,
    commit: Annotated[str, typer.Option(help="Commit of it; else the files as they are.")] = "",
    prices: Annotated[str, typer.Option(help="CSV of instance types by region; else a selection.")] = "",
    days: Annotated[int, typer.Option(help="Days of decisions.", min=1)] = policy_replaying.DAYS,
    at: Annotated[str, typer.Option(help="End of the days, ISO 8601; else the newest decision.")] = "",
    as_json: AsJson = False,
) -> None:
    """Judge past decisions and what is declared by a new bundle: who would be hit, for how much."""
    with answering(as_json=as_json), step_progress(3) as progress:
        found = policy_replaying.replay(
            bundle,
            against=against,
            sources=_sources(decisions, repo, commit),
            prices=Prices.read(prices),
            at=moment(at) if at else None,
            days=days,
            progress=progress,
        )
        if as_json:
            print_json(policy_replaying.content(found))
        else:
            print_lines(*policy_replaying.lines(found))


def _sources(decisions: list[Path] | None, repo: Path | None, commit: str) -> policy_replaying.Sources:
    """Take what is named; where nothing is, all of the sample company."""
    if decisions or repo:
        return policy_replaying.Sources(tuple(decisions or ()), repo, commit)
    samples = sample_folder()
    files = tuple(sorted((samples / "decisions").glob("*.jsonl")))
    return policy_replaying.Sources(files, samples / "repository")
