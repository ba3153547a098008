"""The repository of the sample company under git, with a branch for each change that is made of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from finops_lib.run.demo import sample_folder

API = "kubernetes/apps/checkout/parcel-api.yaml"
STORAGE = "terraform/accounts/dev/storage.tf"
TAGS = """  tags = {
    team          = "data"
    environment   = "dev"
    "cost-center" = "CC-1100"
  }
}
"""
BUCKET = f'\nresource "aws_s3_bucket" "plain" {{\n  bucket = "plain-x"\n{TAGS}'
MODULE = (
    f'\nmodule "plain" {{\n  source = "../../modules/bucket"\n  name = "plain-m"\n  encrypted = false\n{TAGS}'
)
TEMPLATE = """  PlainBucket:
    Type: AWS::S3::Bucket
    Properties:
      Tags:
        - {Key: team, Value: data}
        - {Key: environment, Value: staging}
        - {Key: cost-center, Value: CC-1100}
"""


class Estate:
    """A clone in a folder of a test; ``main`` holds the sample as it is shipped."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "estate"
        shutil.copytree(sample_folder() / "repository", self.folder)
        self.git("init", "-q", "-b", "main")
        self.commit("The estate")

    def git(self, *words: str) -> str:
        """Run git, and give what it printed."""
        named = ["-c", "user.name=Ana Berg", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *named, *words], cwd=self.folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, message: str) -> None:
        """Commit all there is."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def branch(self, name: str, path: str, old: str, new: str) -> str:
        """Make a branch of main on which one text of a file is another, or one is added at its end."""
        self.git("checkout", "-q", "-B", name, "main")
        place = self.folder / path
        text = place.read_text(encoding="utf-8") if place.exists() else ""
        assert old in text, f"{path} holds no {old!r}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")
        self.commit(name)
        return name

    def before_outputs(self, name: str, path: str, new: str) -> str:
        """Make a branch on which resources are added to a template, before what it puts out."""
        return self.branch(name, path, "\nOutputs:\n", f"\n{new}Outputs:\n")
