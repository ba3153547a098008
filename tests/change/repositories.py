"""Real repositories for tests, made commit by commit."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_NAMED = ("-c", "user.name=Ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false")


@dataclass(frozen=True)
class Repository:
    """A work tree and its git; nothing of the user's settings counts."""

    folder: Path

    def git(self, *words: str, given: bytes = b"", fails: bool = False) -> str:
        """Run git and return what it prints; ``fails`` where that is what is expected."""
        done = subprocess.run(
            ["git", *_NAMED, *words], cwd=self.folder, input=given, capture_output=True, check=not fails
        )
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def commit(self, files: Mapping[str, str | bytes | None] = {}) -> str:
        """Write the files (None takes one away), commit all there is and return the id."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "a change")
        return self.git("rev-parse", "HEAD")

    def object(self, content: bytes, kind: str = "blob") -> str:
        """Store an object as it is, also one that git itself would not make."""
        return self.git("hash-object", "-w", "--stdin", "--literally", "-t", kind, given=content)

    def tree(self, *entries: tuple[str, bytes, str]) -> str:
        """Store a folder: mode, name and id of each entry."""
        content = b"".join(b"%s %s\0%s" % (a.encode(), name, bytes.fromhex(b)) for a, name, b in entries)
        return self.object(content, "tree")

    def commit_tree(self, tree: str, *parents: str) -> str:
        """Store a commit of a tree, without a look at the work tree."""
        above = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", tree, *above, "-m", "made by hand")


def new(folder: Path, *words: str) -> Repository:
    """Make an empty repository, its branch ``main``; ``words`` go to git init."""
    folder.mkdir()
    made = Repository(folder)
    made.git("init", "-q", "-b", "main", *words)
    return made
