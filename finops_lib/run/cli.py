"""The command line: each command hands its options to one function of this room and prints what it says."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from finops_lib.errors import FinOpsError
from finops_lib.run import notifying
from finops_lib.run.answers import (
    REFUSED,
    WRONG_USE,
    answering,
    byte_progress,
    error_content,
    print_json,
    print_lines,
    print_table,
    step_progress,
)
from finops_lib.run.catalog import Catalog, load_catalog, notebook_folder
from finops_lib.run.cli_check import check
from finops_lib.run.cli_policy import policy
from finops_lib.run.cli_recommend import recommend
from finops_lib.run.cli_usage import usage
from finops_lib.run.demo import fill_lake, parameters_of, sample_folder
from finops_lib.run.forgetting import forget as forget_people
from finops_lib.run.ingesting import delivery_lines, existing, ingest_content, ingest_lines, take_in
from finops_lib.run.lab import command, own_copy
from finops_lib.run.odd_asked import Kept
from finops_lib.run.opening import moment
from finops_lib.run.options import LAKE, AsJson, LakeFolder
from finops_lib.run.parameters import pairs
from finops_lib.run.report import Order, order
from finops_lib.run.reporting import Made, make, run_content, shared
from finops_lib.run.settings import Settings, load_settings

app = typer.Typer(
    name="finops",
    help="A FinOps analyst's workbench: bills in, exact reports out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(usage, name="usage")
app.add_typer(policy, name="policy")
app.command()(recommend)
app.command()(check)

OutFolder = Annotated[Path, typer.Option("--out", help="Folder that reports go to.", file_okay=False)]
OUT = Path("reports")


@app.command()
def demo(lake: LakeFolder = LAKE, out: OutFolder = OUT, as_json: AsJson = False) -> None:
    """Take in the bills of the sample company, make every report and print where the page over them is."""
    with answering(as_json=as_json):
        catalog, settings = load_catalog(notebook_folder()), load_settings()
        with byte_progress() as progress:
            samples = sample_folder()
            now = fill_lake(lake, samples=samples, environ=os.environ, progress=progress)
        orders = [
            _order(name, catalog, parameters_of(name, samples), lake, out, settings, now)
            for name in catalog.keys
        ]
        made = _made(orders, catalog, out)
        _tell(made, as_json=as_json, lines=[])


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Bills: files, or folders of parts.")],
    lake: LakeFolder = LAKE,
    scope: Annotated[str, typer.Option(help="Slice that an appending export covers.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Let a bill that shrank take over.")] = False,
    rates: Annotated[
        Path | None, typer.Option(help="Prices, for usage that comes without.", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check bills row by row and take them into the lake."""
    with answering(as_json=as_json):
        with byte_progress() as progress:
            told, notice = take_in(
                paths,
                lake_root=lake,
                environ=os.environ,
                now=_now(),
                scope=scope,
                force=force,
                rates=rates,
                progress=progress,
            )
        if notice:
            sys.stderr.write(f"{notice}\n")
        if as_json:
            print_json(ingest_content(told))
        else:
            print_lines(*ingest_lines(told))


@app.command()
def report(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Notebooks to run.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Run every notebook of the catalogue.")] = False,
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            "-p", metavar="NAME=VALUE", help="Parameter of the notebooks; of several each gets its own."
        ),
    ] = None,
    lake: LakeFolder = LAKE,
    out: OutFolder = OUT,
    settings: Annotated[
        Path | None, typer.Option(help="Settings file; finops.toml here where there is one.", dir_okay=False)
    ] = None,
    settings_commit: Annotated[str, typer.Option(help="Take the settings file as of this commit.")] = "",
    as_json: AsJson = False,
) -> None:
    """Run notebooks on the lake and keep each as page, notebook, summary and manifest."""
    with answering(as_json=as_json):
        catalog = load_catalog(notebook_folder())
        wanted = _wanted(names or [], catalog, every=every)
        used, now, given = load_settings(settings, commit=settings_commit), _now(), pairs(parameters or [])
        parts = shared(wanted, given, catalog=catalog)
        orders = [
            _order(name, catalog, part, lake, out, used, now)
            for name, part in zip(wanted, parts, strict=True)
        ]
        existing(lake)
        made = _made(orders, catalog, out)
        if len(wanted) == 1 and not every:
            _tell_one(made, as_json=as_json)
        else:
            _tell(made, as_json=as_json, lines=[run.html for run in made.runs])


@app.command()
def lab(
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
) -> None:
    """Open JupyterLab on the notebooks, for this machine alone."""
    with answering(as_json=False):
        folder = own_copy(load_catalog(notebook_folder()), folder=Path.cwd())
        raise typer.Exit(subprocess.call(command(folder, browser=browser)))  # noqa: S603  our own words


@app.command()
def deliveries(
    lake: LakeFolder = LAKE,
    as_of: Annotated[str, typer.Option(help="Look at the lake as it was then, ISO 8601.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the deliveries that the lake got, and which of them count."""
    with answering(as_json=as_json):
        found = delivery_lines(lake, as_of=moment(as_of) if as_of else None)
        if as_json:
            print_json({"deliveries": found})
        else:
            columns = (
                "billing_period",
                "provider",
                "account",
                "scope",
                "rows",
                "quarantined",
                "delivered",
                "id",
            )
            rows = [[*(item[name] for name in columns), "yes" if item["current"] else ""] for item in found]
            print_table([*columns, "counts"], rows)


@app.command()
def notify(  # noqa: PLR0913, PLR0917 - the parser hands over each option of its own
    targets: Annotated[str, typer.Option(help="TOML of where messages go; without it nothing is sent.")] = "",
    alerts: Annotated[str, typer.Option(help="TOML of teams, their budgets of alerts and escalation.")] = "",
    calendar: Annotated[str, typer.Option(help="TOML of maintenance windows.")] = "",
    changes: Annotated[str, typer.Option(help="TOML of changes that are planned.")] = "",
    report: Annotated[Path | None, typer.Option(help="summary.json of a run; else the newest.")] = None,
    link: Annotated[str, typer.Option(help="Address of the report, for the messages.")] = "",
    lake: LakeFolder = LAKE,
    out: OutFolder = OUT,
    as_json: AsJson = False,
) -> None:
    """Tell teams of what the newest report on anomalies found, each thing once; see the alerts file."""
    with answering(as_json=as_json):
        existing(lake)
        told = notifying.tell(
            notifying.found_in(report or notifying.newest(out)),
            lake=lake,
            rules=Kept.read(windows=calendar, alerts=alerts, changes=changes).rules,
            targets=notifying.targets_of(targets, environ=os.environ),
            now=moment(""),
            sleep=time.sleep,
            link=link,
        )
        if as_json:
            print_json(told.content())
        else:
            print_lines(*notifying.lines(told))
        if told.failed:
            raise typer.Exit(REFUSED)


@app.command()
def forget(
    file: Annotated[
        typer.FileText | None, typer.Option(help="Names or addresses, one a line; - is standard input.")
    ] = None,
    lake: LakeFolder = LAKE,
    as_json: AsJson = False,
) -> None:
    """Make a person's pseudonym in the lake belong to nobody, for good; the name is asked for, unseen."""
    with answering(as_json=as_json):
        names = list(file) if file else [typer.prompt("Name or address", hide_input=True, err=True)]
        counts = forget_people(names, lake_root=lake, environ=os.environ)
        if as_json:
            print_json(counts)
        else:
            print_lines(f"{counts['forgotten']} forgotten, {counts['unknown']} not known")
        if not counts["forgotten"]:
            raise typer.Exit(REFUSED)


def main() -> None:
    """Run the program; wrong use, too, is one JSON object where JSON was asked for."""
    try:
        app()
    except SystemExit as end:
        # Our own ends have printed what they say; what is left is what the parser did not understand.
        if end.code == WRONG_USE and "--json" in sys.argv and not isinstance(end.__context__, typer.Exit):
            error = FinOpsError("the command line", "its words are known ones", "see finops --help")
            print_json({"error": {**error_content(error), "type": "UsageError"}})
        raise


def _now() -> datetime:
    return datetime.now(UTC)


def _wanted(names: list[str], catalog: Catalog, *, every: bool) -> list[str]:
    if every:
        return list(catalog.keys)
    # No name is wrong use, too: the catalogue then lists what there is.
    return [catalog.find(name).key for name in (names or [""])]


def _order(
    name: str,
    catalog: Catalog,
    given: dict[str, str],
    lake: Path,
    out: Path,
    settings: Settings,
    now: datetime,
) -> Order:
    return order(
        name,
        catalog=catalog,
        parameters=given,
        lake_root=lake,
        out=out,
        settings=settings,
        now=now,
        texts=True,
    )


def _made(orders: list[Order], catalog: Catalog, out: Path) -> Made:
    with step_progress(len(orders)) as step:
        return make(orders, catalog=catalog, out=out, step=step)


def _tell_one(made: Made, *, as_json: bool) -> None:
    for error in made.errors:
        raise error
    if as_json:
        print_json(run_content(made.runs[0]))
    else:
        print_lines(made.runs[0].html)


def _tell(made: Made, *, as_json: bool, lines: list[str]) -> None:
    content: dict[str, Any] = {"reports": [run_content(run) for run in made.runs], "index": str(made.index)}
    if made.errors:
        content["errors"] = [error_content(error) for error in made.errors]
        sys.stderr.write("".join(f"{error}\n" for error in made.errors))
    if as_json:
        print_json(content)
    else:
        print_lines(*lines, str(made.index))
    if made.errors:
        raise typer.Exit(REFUSED)


if __name__ == "__main__":
    main()
