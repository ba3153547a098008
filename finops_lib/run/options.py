"""Options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LakeFolder = Annotated[Path, typer.Option("--lake", help="Folder of the lake.", file_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
LAKE = Path("lake")
Bundle = Annotated[str, typer.Option("--policy", help="Folder of a policy bundle; else the shipped one.")]
Pinned = Annotated[str, typer.Option(help="Sha256 that the bundle must have.")]
OpaUrl = Annotated[
    str,
    typer.Option(
        "--opa", metavar="URL", help="Ask this Open Policy Agent server instead of evaluating here."
    ),
]
Push = Annotated[bool, typer.Option("--push", help="Upload the bundle to that server first.")]
Waivers = Annotated[str, typer.Option(help="YAML of rules that are lifted for a while.")]
