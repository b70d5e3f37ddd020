"""A version can be rebuilt: its tag's own code, from its inputs alone, makes its exact bytes again."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from captureset.errors import CapturesetError, CommandFailedError
from captureset.formats.schema import read_yaml
from captureset.quickstart.rebuilding import followed
from captureset.release import clean_room, environment
from captureset.release.clean_room import CleanRoom
from captureset.release.environment import Environment, OtherTool
from captureset.release.promise import Address, Promise, addresses
from captureset.store import git
from captureset.store.repository import Repository

FROM_NOTHING = ("--force", "--no-run-cache")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Output:
    """An output as the tag promises it and as it came out; None: there is none."""

    path: str
    released: Address | None
    rebuilt: Address | None

    @property
    def same(self) -> bool:
        """Whether every byte is the promised one."""
        return self.released is not None and self.released == self.rebuilt


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What became of one version; `fault` says why there is nothing to compare, None when there is."""

    tag: str
    environment: str
    tools: Mapping[str, str] = field(default_factory=dict)  # of those in the manifest, the version that ran
    others: tuple[OtherTool, ...] = ()
    outputs: tuple[Output, ...] = ()
    environment_s: float = 0.0
    pipeline_s: float = 0.0
    fault: str | None = None

    @property
    def same(self) -> bool:
        """Whether the version is proved: rebuilt, and every output has the promised bytes."""
        return self.fault is None and bool(self.outputs) and all(output.same for output in self.outputs)


def rebuild(
    repository: Repository,
    promised: Promise,
    *,
    here: bool = False,
    keep: Path | None = None,
    say: Say = lambda _: None,
) -> Rebuilt:
    """Return how a version comes out when it is made from nothing; the repository is left as it is.

    Args:
        repository: has the tag, and the inputs' bytes in its cache or on its remote.
        promised: the version.
        here: use the running environment instead of the one that the tag pins.
        keep: new folder to work in, which stays; by default a temporary one that goes, whatever happens.
        say: told what begins.
    """
    kind = environment.RUNNING if here else environment.OWN
    try:
        with _folder(keep) as folder:
            say(f"{promised.tag}: cloning, bringing its inputs")
            room = clean_room.enter(repository, promised.tag, folder)
            say(f"{promised.tag}: {kind}")
            begun = time.perf_counter()
            python = environment.running(promised) if here else environment.own(room, promised)
            made = time.perf_counter()
            _run(room, python, promised, say)
            return Rebuilt(
                promised.tag,
                kind,
                python.versions,
                python.others(promised),
                _compared(room, promised),
                round(made - begun, 2),
                round(time.perf_counter() - made, 2),
            )
    except CapturesetError as error:
        return Rebuilt(promised.tag, kind, fault=str(error))


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="captureset-rebuild-", ignore_cleanup_errors=True) as folder:
            yield Path(folder).resolve()
        return
    if keep.exists() and any(keep.iterdir()):
        raise CapturesetError(f"{keep} is not empty; name a new folder to keep the rebuild in.")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep.resolve()


def _run(room: CleanRoom, python: Environment, promised: Promise, say: Say) -> None:
    around = {name: value for name, value in os.environ.items() if name not in git.ELSEWHERE}
    env = {**around, **room.environment, "PATH": python.search}
    command = [str(python.python), "-m", "dvc", "repro", *FROM_NOTHING, *promised.targets]
    code, last = followed(command, room.clone, env, lambda stage: say(f"{promised.tag}: {stage}"))
    if code:
        raise CommandFailedError(f"`dvc repro` at {promised.tag} failed: {last}")


def _compared(room: CleanRoom, promised: Promise) -> tuple[Output, ...]:
    """Return every output that a stage up to the exports made or, as the tag says, should have made."""
    made = addresses(read_yaml(room.lock))
    exported = {path for path in promised.outputs if path.startswith("data/exports/")}
    return tuple(Output(path, promised.outputs.get(path), made.get(path)) for path in sorted(made.keys() | exported))
