"""A repository that means ill: traps that start a program, names that lead astray, content that unfolds."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.change.repositories import Repository, new

LINES = "".join(f"line {number}\n" for number in range(10))
# A thousand million "lol" by anchors of YAML, the same by merge keys, a list in itself, deep brackets.
BOMBS: Mapping[str, str] = {
    "bombs/laughs.yaml": "a0: &a0 [lol]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)),
    "bombs/merge.yaml": "a0: &a0 {x: 1}\n"
    + "".join(f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)),
    "bombs/self.yaml": "kind: &k [*k]\n",
    "bombs/deep.yaml": "[" * 20_000,
    "bombs/deep.json": '{"a":' * 20_000,
    "bombs/deep.tf": "x = " + "(" * 20_000,
    "bombs/python.yaml": "kind: !!python/object/apply:os.system [touch caught]\n",
    "bombs/number.json": '{"Resources": 1' + "0" * 100_000 + "}",
}
NAMES = tuple(b"$(touch x)|`touch x`|-rf|--output=x|'\"|a b|HEAD|*|%s".split(b"|"))
UNREADABLE = (b"a\nb", b"\xff\xfe", b"back\\slash", b"\x1b[2J", b"tab\t", b":(top)")
LINKS = {b"etc": b"/etc", b"up": b"../../..", b"self": b"self", b"Chart.yaml": b"/etc/passwd"}
_HOOKS = "post-checkout post-index-change pre-commit post-merge reference-transaction pre-auto-gc".split()


@dataclass(frozen=True)
class Hostile:
    """Branches ``main``, ``topic`` and ``here``; a program that starts leaves its name in ``caught``."""

    repository: Repository
    caught: Path

    def sprung(self) -> list[str]:
        """Which programs were started."""
        return sorted(path.name for path in self.caught.iterdir())


def hostile(folder: Path) -> Hostile:
    """Make one below this folder, all its traps set."""
    caught, traps = folder / "caught", folder / "traps"
    caught.mkdir()
    traps.mkdir()
    made = new(folder / "tree")
    _content(made)
    for name, setting in _settings(traps).items():
        made.git("config", name, setting.replace("TRAP", f"{traps}/{name}"))
        _trap(traps / name, caught)
    (traps / "hooks").mkdir()
    for name in _HOOKS:
        _trap(traps / "hooks" / name, caught)
    everything = "* filter=trap diff=trap merge=trap ident text=auto\n"
    (made.folder / ".git" / "info" / "attributes").write_text(everything, encoding="ascii")
    for path in caught.iterdir():
        path.unlink()
    return Hostile(made, caught)


def _trap(path: Path, caught: Path) -> None:
    path.write_text(f"#!/bin/sh\ntouch '{caught}/{path.name}'\nexit 1\n", encoding="utf-8")
    path.chmod(0o700)


def _settings(traps: Path) -> dict[str, str]:
    ways = "core.fsmonitor filter.trap.clean filter.trap.smudge merge.trap.driver core.pager"
    ways += " diff.trap.textconv diff.trap.command diff.external gpg.program core.sshCommand core.editor"
    ways += " credential.helper core.askPass core.alternateRefsCommand remote.origin.uploadpack"
    words = dict.fromkeys(ways.split(), "TRAP") | {
        f"alias.{name}": "!TRAP" for name in ("rev-parse", "ls-tree")
    }
    return words | {
        "core.hooksPath": f"{traps}/hooks",
        "log.showSignature": "true",
        "merge.renormalize": "true",
        "merge.default": "trap",
        "remote.origin.url": f"file://{traps}",
        "remote.origin.promisor": "true",
        "core.warnAmbiguousRefs": "false",
    }


def _content(made: Repository) -> None:
    files = {"shared.yaml": LINES, ".gitattributes": "* filter=trap diff=trap merge=trap export-subst\n"}
    modules = '[submodule "sub"]\n\tpath = sub\n\turl = ext::sh -c touch% x\n\tupdate = !touch x\n'
    start = made.commit({**files, **BOMBS, ".gitmodules": modules})
    tree = _with_odd_entries(made, start)
    main = _signed(made, tree, made.commit_tree(tree, start))
    made.git("update-ref", "refs/heads/main", main)
    made.git("switch", "-q", "-c", "topic", start)
    made.commit({"shared.yaml": f"{LINES}topic\n"})
    made.git("switch", "-q", "-c", "here", start)
    made.commit({"shared.yaml": f"here\n{LINES}"})
    for name in ("--output=x", "-rf", "$(x)", "HEAD"):
        made.git("update-ref", f"refs/heads/{name}", main)


def _with_odd_entries(made: Repository, start: str) -> str:
    blob = made.object(b"kind: Service\n")
    lines = made.git("ls-tree", start).splitlines()
    entries = [(line.split()[0], line.split("\t")[1].encode(), line.split()[2]) for line in lines]
    entries += [("100644", name, blob) for name in (*NAMES, *UNREADABLE)]
    entries += [("120000", name, made.object(target)) for name, target in LINKS.items()]
    entries.append(("160000", b"sub", "1" * 40))
    return made.tree(*sorted(entries, key=lambda entry: entry[1] + b"/" * (entry[0] == "040000")))


def _signed(made: Repository, tree: str, parent: str) -> str:
    """Make a commit that claims a signature, which git would have a program check."""
    who = "$(touch x) <-x@example.com> 1700000000 +0000"
    signature = "-----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    text = f"tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\ngpgsig {signature}\n\nm\n"
    return made.object(text.encode(), "commit")


def unfolding(made: Repository, content: bytes, *, depth: int = 12) -> str:
    """Store a folder of ten names for one folder of ten names ...: 10**depth files in a few hundred bytes."""
    below, mode = made.object(content), "100644"
    for _ in range(depth):
        below = made.tree(*((mode, b"f%d" % number, below) for number in range(10)))
        mode = "40000"
    return below


def many_files(made: Repository, number: int) -> None:
    """Commit files of different content to ``main``, 500 a folder."""
    given = b"".join(_imported(number))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=made.folder, input=given, check=True)


def _imported(number: int) -> Iterator[bytes]:
    yield b"commit refs/heads/main\ncommitter Ana <ana@example.com> 1700000000 +0000\ndata 1\nm\n"
    for one in range(number):
        text = b"kind: Service\nmetadata:\n  name: svc-%d\n" % one
        yield b"M 100644 inline apps/%d/%d.yaml\ndata %d\n%s\n" % (one // 500, one, len(text), text)
