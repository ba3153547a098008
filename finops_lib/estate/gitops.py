"""Write the company's infrastructure as code: a folder of files, each billed resource at a known line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from finops_lib.estate.calendar import UNTIL, months
from finops_lib.estate.company import NAME, Company
from finops_lib.estate.hcl import REQUIRED_TAGS
from finops_lib.estate.manifests import write_manifests
from finops_lib.estate.pages import Book
from finops_lib.estate.templates import write_cloudformation, write_other_clouds
from finops_lib.estate.terraform import RepositoryWorld, write_terraform
from finops_lib.estate.workloads import WORKLOADS

_OWNERS = (
    ("*", "@lantern/platform"), ("/terraform/accounts/prod-web/", "@lantern/checkout"),
    ("/terraform/accounts/prod-data/", "@lantern/data"), ("/terraform/accounts/ml/", "@lantern/ml"),
    ("/terraform/accounts/security/", "@lantern/security"), ("/terraform/azure/", "@lantern/tracking"),
    ("*.tfvars", "@lantern/platform @lantern/finops"),
)  # fmt: skip


def write_repository(folder: Path, who: Company, *, world: RepositoryWorld | None = None) -> dict[str, Any]:
    """Write the repository as files and say where everything is and what is wrong with it.

    Nothing is committed. The same company and world give the same bytes on any machine.

    Parameters
    ----------
    folder : Path
        Where to; made where missing.
    who : Company
        The company whose bill it is.
    world : RepositoryWorld, optional
        What is planted.

    Returns
    -------
    dict
        The truth, for JSON: ``files``; ``resources``, ResourceId to path, line, address and lines of
        attributes; ``unmanaged``, ids of the newest month that no file declares; ``planted``, each fault
        with kind, path and line; ``counts`` of them by kind; ``required_tags``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from finops_lib.estate.company import company
    >>> with TemporaryDirectory() as place:
    ...     truth = write_repository(Path(place), company(7, slots=1))
    >>> truth["counts"]["requests"], "kubernetes/my-app/base/deployment.yaml" in truth["files"]
    (5, True)
    """
    book, world = Book(), world or RepositoryWorld()
    write_terraform(book, who, world)
    write_cloudformation(book, who)
    write_other_clouds(book)
    write_manifests(book, who)
    _words(book)
    book.write(folder)
    planted = sorted(book.planted, key=lambda item: (item["kind"], item["path"], item["line"]))
    return {
        "files": sorted(book.pages),
        "resources": dict(sorted(book.resources.items())),
        "unmanaged": _unmanaged(book, who),
        "planted": planted,
        "counts": dict(sorted(Counter(item["kind"] for item in planted).items())),
        "required_tags": list(REQUIRED_TAGS),
    }


def _unmanaged(book: Book, who: Company) -> list[str]:
    month = months(1, step_hours=24)[0]
    newest = month.starts // 86_400
    here = [slot for slot in who.slots if slot.first_day <= newest[-1] and slot.last_day > newest[0]]
    return sorted({slot.resource_id(who.seed, month.ordinal) for slot in here} - set(book.resources))


def _words(book: Book) -> None:
    """Say who owns what, and what the folder is."""
    teams = [(f"/kubernetes/apps/{item.team}/", f"@lantern/{item.team}") for item in WORKLOADS]
    rules = [*_OWNERS, *dict.fromkeys(teams)]
    page = book.page(".github/CODEOWNERS")
    page.add("# the last rule that fits wins")
    page.add("\n".join(f"{pattern:<40}{owners}" for pattern, owners in rules))
    book.page("README.md").add(f"""# Infrastructure of {NAME}

State of {UNTIL:%d}.{UNTIL:%m}.{UNTIL:%Y}. The company does not exist; nothing here can be applied.

- `terraform/accounts/` one folder an AWS account, `terraform/modules/` what they share
- `cloudformation/` queues and tables, older than our Terraform
- `kubernetes/`, `helm/` what runs in the cluster""")
