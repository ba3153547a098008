"""Options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LakeFolder = Annotated[Path, typer.Option("--lake", help="Folder of the lake.", file_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
LAKE = Path("lake")
