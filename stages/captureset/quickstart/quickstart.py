"""The newcomer's main job in one call: a repository, synthetic captures, the pipeline, results in Git."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from captureset.capture.commit import commit
from captureset.capture.exclude import exclude
from captureset.errors import CapturesetError
from captureset.quickstart import captures as samples
from captureset.quickstart import rebuilding, requirements, template
from captureset.store import git, hooks
from captureset.store.repository import Repository

SET_ASIDE_BECAUSE = "quickstart: shows how a capture is set aside"
REPORT = Path("data/report/report.html")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A new dataset repository and what is in it; `report` is None as long as the pipeline has not made one."""

    root: Path
    captures: int
    feedback: int
    set_aside: str | None
    report: Path | None


def run(
    directory: Path,
    captures: int = 60,
    *,
    repro: bool = True,
    step: Tell,
    note: Tell,
    prepare: Callable[[Path], None] = lambda _: None,
) -> Made:
    """Return a new dataset repository in `directory`, with synthetic captures and, with `repro`, what they become.

    Until `dvc repro` starts, a failure leaves nothing behind; after that the repository stays, sound, to be mended.

    Args:
        directory: new or empty, in no captureset repository.
        captures: how many to draw, at least `captures.FEWEST`; 0 makes the repository empty, for data of one's own.
        repro: run the pipeline and commit its results, if there are captures.
        step: told what begins.
        note: told what a person should know besides.
        prepare: changes the new repository before anything comes in, and commits that.

    Raises:
        CapturesetError: something is missing, the folder cannot be used, or a stage refused.
    """
    requirements.require(repro=repro and captures > 0)
    made = create(directory, captures, step=step, note=note, prepare=prepare)
    return finish(made, step=step) if repro and captures else made


def create(
    directory: Path, captures: int, *, step: Tell, note: Tell, prepare: Callable[[Path], None] = lambda _: None
) -> Made:
    """Return the new repository with its captures committed and one set aside; the pipeline has not run.

    Raises:
        CapturesetError: the folder cannot be used, there are too few captures, or Git failed; nothing is left behind.
    """
    if captures and captures < samples.FEWEST:
        raise CapturesetError(
            f"{captures} captures are too few to show every kind; ask for {samples.FEWEST} or more with --captures, "
            "or for 0 to start with your own."
        )
    step("new dataset repository")
    with template.new_repository(directory, template.checkout(), note) as root:
        prepare(root)
        given = _fill(Repository(root), captures, step) if captures else None
        step("captureset install: merge driver and hooks")
        hooks.install(Repository(root))
    root = directory.expanduser().resolve()
    return Made(root, given.captures, given.feedback, given.set_aside, None) if given else Made(root, 0, 0, None, None)


def _fill(repository: Repository, captures: int, step: Tell) -> samples.Submitted:
    step(f"captureset submit: {captures} synthetic captures")
    submitted = samples.submit_samples(repository, captures)
    step("captureset commit")
    done = commit(repository)
    if done.refusals or done.captures != captures:
        raise CapturesetError(
            f"{repository.quarantine} got {len(done.refusals)} of the quickstart's own captures; report this fault."
        )
    step(f"captureset exclude {submitted.set_aside}")
    exclude(repository, submitted.set_aside, SET_ASIDE_BECAUSE)
    git.commit_paths(repository.root, ["data/exclusions.csv"], f"Set {submitted.set_aside} aside")
    return submitted


def finish(made: Made, *, step: Tell) -> Made:
    """Run the pipeline, commit its results to Git and return the repository with its report.

    Raises:
        CommandFailedError: a stage refused; the repository and its captures stay.
    """
    step("dvc repro")
    rebuilding.rebuild(made.root, lambda stage: step(f"dvc repro: {stage}"))
    step("git commit of dvc.lock and the metrics")
    changed = git.changed_paths(made.root)
    if changed:
        git.commit_paths(made.root, changed, "Build the dataset for the first time")
    report = made.root / REPORT
    return Made(made.root, made.captures, made.feedback, made.set_aside, report if report.is_file() else None)
