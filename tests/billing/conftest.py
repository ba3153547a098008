"""Where real exports lie, for tests that read them: without FINOPS_REAL_DATA they are not collected."""

from __future__ import annotations

import os

collect_ignore = [] if os.environ.get("FINOPS_REAL_DATA") else ["test_real_exports.py"]
