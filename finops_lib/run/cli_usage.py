"""The commands of ``finops usage``: what was used comes into the lake."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from finops_lib.run import pulling
from finops_lib.run.answers import answering, byte_progress, count_progress, print_json, print_lines
from finops_lib.run.opening import moment
from finops_lib.run.options import LAKE, AsJson, LakeFolder

usage = typer.Typer(help="What was used, beside the bill.", no_args_is_help=True)


@usage.callback()
def _group() -> None:
    """Keep ``pull`` a word of its own, though it is the only one."""


@usage.command()
def pull(  # noqa: PLR0913, PLR0917  each is an option of the command line
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files of usage, or folders of them; or name --prometheus.")
    ] = None,
    prometheus: Annotated[str, typer.Option(metavar="URL", help="Ask this Prometheus.")] = "",
    days: Annotated[int, typer.Option(help="Days before the end, where no start is given.", min=1)] = 14,
    start: Annotated[str, typer.Option(help="From this moment on, ISO 8601.")] = "",
    end: Annotated[str, typer.Option(help="To before this moment, ISO 8601; now where none is given.")] = "",
    step: Annotated[int, typer.Option(help="Seconds of a step.", min=1)] = 300,
    cluster: Annotated[
        str, typer.Option(help="Name of a cluster whose series have no such label.")
    ] = "cluster",
    template: Annotated[
        str, typer.Option(help="How ids of resources are made of labels.")
    ] = pulling.TEMPLATE,
    scrape: Annotated[
        int | None, typer.Option(help="Seconds between samples; found from the data if not given.", min=1)
    ] = None,
    scope: Annotated[str, typer.Option(help="Name of what is pulled: it replaces what came by it.")] = "",
    partial: Annotated[
        bool, typer.Option("--partial", help="Keep what comes where a part is missing.")
    ] = False,
    lake: LakeFolder = LAKE,
    as_json: AsJson = False,
) -> None:
    """Take what was used into the lake: from a Prometheus, or files (CloudWatch, Azure Monitor, OTLP)."""
    with answering(as_json=as_json):
        now = datetime.now(UTC)
        if prometheus and not paths:
            until = moment(end) if end else now
            since = moment(start) if start else until - timedelta(days=days)
            asked = pulling.asked(
                since, until, step=step, cluster=cluster, template=template, scrape=scrape, partial=partial
            )
            with count_progress() as progress:
                told = pulling.from_prometheus(
                    prometheus,
                    asked,
                    lake_root=lake,
                    environ=os.environ,
                    now=now,
                    scope=scope,
                    progress=progress,
                )
        else:
            with byte_progress() as progress:
                told = pulling.from_files(
                    paths or [],
                    prometheus=prometheus,
                    lake_root=lake,
                    now=now,
                    scope=scope,
                    progress=progress,
                )
        if as_json:
            print_json({"pulls": told})
        else:
            print_lines(*(line for one in told for line in pulling.lines(one)))
