"""The command ``finops recommend``: what should change, after what was used and what it costs."""

from __future__ import annotations

from typing import Annotated

import typer

from finops_lib.run import recommend_json
from finops_lib.run.answers import answering, print_json, print_lines
from finops_lib.run.desk import open_desk
from finops_lib.run.ingesting import existing
from finops_lib.run.options import LAKE, AsJson, LakeFolder
from finops_lib.run.recommending import DAYS, Files, advise


def recommend(  # noqa: PLR0913, PLR0917  each is an option of the command line
    lake: LakeFolder = LAKE,
    days: Annotated[int, typer.Option(help="Newest days of use that are looked at, 7 to 366.")] = DAYS,
    inventory: Annotated[str, typer.Option(help="CSV of resources: sizes, requests, owners.")] = "",
    prices: Annotated[str, typer.Option(help="CSV of instance types by region; else a selection.")] = "",
    reviews: Annotated[str, typer.Option(help="TOML of what people said of recommendations.")] = "",
    offers: Annotated[str, typer.Option(help="CSV or TOML of commitments that can be bought.")] = "",
    held: Annotated[str, typer.Option(help="CSV or TOML of commitments in place: when they end.")] = "",
    licences: Annotated[str, typer.Option(help="TOML of licences that are owned, in cores.")] = "",
    currency: Annotated[str, typer.Option(help="ISO 4217, where the lake has several.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say what should change: sizes, idle, schedules, commitments; with saving, risk and past, or why not."""
    with answering(as_json=as_json):
        existing(lake)
        files = Files.read(
            inventory=inventory, prices=prices, reviews=reviews, offers=offers, held=held, licences=licences
        )
        with open_desk(str(lake), currency=currency) as desk:
            advice = advise(desk, files=files, days=days)
            if as_json:
                print_json(recommend_json.content(advice))
            else:
                print_lines(*recommend_json.lines(advice))
