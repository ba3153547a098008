"""How git is asked: plain ``git`` with fixed words, never through a shell, bounded in time.

Nothing started here asks for a password, runs a hook, fetches from a network or reads more of the environment
than the search path and the home folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from finops_lib.errors import SettingsError
from finops_lib.policy.inventory.found import in_words

_SECONDS = 30.0
_COMPLAINT = 2_000  # bytes of what git says that are looked at
_NOTHING_THERE = ("not a git repository", "expected commit type")
# What a repository's own configuration could have git start, or hide.
_SAFE = (
    *("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.warnAmbiguousRefs=true"),
    *("--literal-pathspecs", "--no-pager"),
)
_KEPT = ("PATH", "HOME", "XDG_CONFIG_HOME")
_FIXED = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    # History and content are those of the objects: no replacement, no graft.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": f"{os.devnull}/none",
    # A clone that lacks objects would fetch them, with a program that its configuration names.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}


def environment() -> dict[str, str]:
    """Which variables does git see: the search path, the home folder and what keeps it quiet.

    Returns
    -------
    dict
        Names and values.
    """
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | _FIXED


@dataclass(frozen=True)
class Git:
    """Git, as it is asked in one folder.

    Parameters
    ----------
    folder : Path
        Where it is started.
    environment : mapping
        All variables that it sees.
    seconds : float
        How long an answer may take.
    about : Path, optional
        Which folder an error names, if that is another one.
    """

    folder: Path
    environment: Mapping[str, str] = field(default_factory=environment)
    seconds: float = _SECONDS
    about: Path | None = None

    def ask(self, *words: str, outside: bytes | None = None) -> bytes:
        """What does git answer.

        Parameters
        ----------
        *words : str
            The command and its arguments; a name that somebody else chose follows ``--`` or the like.
        outside : bytes, optional
            The answer where git has none because there is no repository or no such commit.

        Returns
        -------
        bytes

        Raises
        ------
        SettingsError
            Git refuses, is not installed or takes too long.
        """
        done = self.run(words)
        if done.returncode == 0:
            return done.stdout
        complaint = in_words(done.stderr[:_COMPLAINT].decode("utf-8", "replace"))
        if outside is not None and (not complaint or any(words in complaint for words in _NOTHING_THERE)):
            return outside
        raise self.refusal(complaint)

    def run(self, words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        """How did git end, and what did it say: for questions where "no" is an answer.

        Parameters
        ----------
        words : sequence of str
            As for `ask`.

        Returns
        -------
        subprocess.CompletedProcess

        Raises
        ------
        SettingsError
            It cannot be started or takes too long.
        """
        try:
            return subprocess.run(  # noqa: S603  fixed words, no shell; names follow "--" or the like
                [_program(), *_SAFE, *words],
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise self._too_slow() from error
        except (OSError, ValueError) as error:
            raise self._not_started(error) from error

    @contextmanager
    def streamed(self, *words: str, source: IO[bytes] | None = None) -> Iterator[IO[bytes]]:
        """Open what git answers, to be read piece by piece; who leaves early ends git.

        Parameters
        ----------
        *words : str
            As for `ask`.
        source : file, optional
            What git reads.

        Yields
        ------
        file

        Raises
        ------
        SettingsError
            As for `ask`; where git fails, when the answer was read to its end.
        """
        with tempfile.TemporaryFile() as said:
            try:
                child = subprocess.Popen(  # noqa: S603  see above
                    [_program(), *_SAFE, *words],
                    cwd=self.folder,
                    env=dict(self.environment),
                    stdin=source or subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=said,
                )
            except (OSError, ValueError) as error:
                raise self._not_started(error) from error
            with child, _ending(child, self.seconds) as late:
                if child.stdout is not None:  # it is a pipe
                    yield child.stdout
                child.wait()
            said.seek(0)
            self._judge(child.returncode, late, said.read(_COMPLAINT))

    def _judge(self, code: int, late: threading.Event, said: bytes) -> None:
        if late.is_set():
            raise self._too_slow()
        if code:
            raise self.refusal(in_words(said.decode("utf-8", "replace")))

    def refusal(self, complaint: str) -> SettingsError:
        """Which error says that git refused, in git's own words.

        Parameters
        ----------
        complaint : str
            What git said.

        Returns
        -------
        SettingsError
        """
        return SettingsError(
            f"git in {self.about or self.folder}: {complaint}",
            "git can read the repository",
            "follow what git says, or move the file",
        )

    def _too_slow(self) -> SettingsError:
        rule = f"it answers within {self.seconds:g} s"
        return SettingsError(
            f"git in {self.about or self.folder}", rule, "check the disk or the network share"
        )

    def _not_started(self, error: OSError | ValueError) -> SettingsError:
        value = f"git in {self.about or self.folder}: {in_words(error)}"
        return SettingsError(value, "it starts in a folder that is there", "name a folder of the repository")


@contextmanager
def _ending(child: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
    """End the program when its time is over or when nobody reads on."""
    late = threading.Event()

    def end() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    except BaseException:
        child.kill()
        raise
    finally:
        timer.cancel()


def _program() -> str:
    program = shutil.which("git")
    if program is None:
        raise SettingsError("git", "it is installed where the program can find it", "install the package git")
    return program
