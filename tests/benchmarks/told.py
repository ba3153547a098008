"""What every benchmark prints: its results, the machine and the versions, as one JSON object."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Say what this was measured on."""
    info = Path("/proc/cpuinfo")
    text = info.read_text(encoding="utf-8") if info.exists() else ""
    models = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return {
        "cores": os.cpu_count(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
        "processor": models[0] if models else platform.processor(),
        "arch": platform.machine(),
    }


def tell(benchmark: str, results: Sequence[dict[str, Any]], *, packages: Sequence[str]) -> None:
    """Print one JSON object as the last line."""
    versions = {"python": platform.python_version()} | {
        item: importlib.metadata.version(item) for item in packages
    }
    told = {
        "benchmark": benchmark,
        "results": list(results),
        "machine": machine(),
        "versions": versions,
    }
    sys.stdout.write(json.dumps(told) + "\n")
