"""A release under way, noted on disk before it writes anything: killed anywhere, the next run finishes or undoes it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from captureset.errors import CapturesetError, one_line
from captureset.formats import jsontext
from captureset.release import undoing
from captureset.store import git
from captureset.store.repository import Repository

FILE = "release.json"
CREATED, PROCESSING = "created", "processing"


@dataclass(frozen=True, slots=True)
class Journal:
    """What a release is about to make, on top of which commit.

    `created`: asked for and being checked, nothing written. `processing`: being written.
    """

    tag: str
    message: str  # of the tag
    head: str  # the commit before
    state: str = CREATED


def path(repository: Repository) -> Path:
    """Return where the journal stands while a release is under way."""
    return repository.scratch / FILE


def begin(repository: Repository, journal: Journal) -> Journal:
    """Note a release that is asked for; on disk when this returns."""
    path(repository).parent.mkdir(parents=True, exist_ok=True)
    jsontext.write(path(repository), asdict(journal))
    return journal


def proceed(repository: Repository, journal: Journal) -> Journal:
    """Note that it begins to write, the tree clean; on disk when this returns."""
    return begin(repository, replace(journal, state=PROCESSING))


def under_way(repository: Repository) -> Journal | None:
    """Return the release that was begun and not ended."""
    if not path(repository).exists():
        return None
    return Journal(**jsontext.read(path(repository)))


def end(repository: Repository) -> None:
    """Forget the release: it is whole, or undone."""
    path(repository).unlink(missing_ok=True)


def recover(repository: Repository) -> str | None:
    """Finish or undo a release that was killed; return what was done in one sentence, None when there was none.

    The caller holds the repository's lock. A commit is the point of no return: without it everything the release
    wrote is taken back, with it the tag is made.

    Raises:
        CapturesetError: somebody committed on top meanwhile, so nothing is touched.
    """
    journal = under_way(repository)
    if journal is None:
        return None
    said = _settle(repository, journal)
    end(repository)
    return said


def take_back(repository: Repository, journal: Journal) -> None:
    """Undo a release that failed, and forget it; where its commit was made in spite of that, make the tag."""
    if _is_release_commit(repository, journal):
        _tag_if_missing(repository, journal, git.git(repository.root, "rev-parse", "HEAD").strip())
    else:
        undoing.undo(repository, journal.tag, keep=True)
    end(repository)


def sentence(text: str) -> str:
    """Return what a person says about a version as one line, which no history, terminal or tag can misread.

    Raises:
        CapturesetError: it is no UTF-8 text.
    """
    if text.encode(errors="ignore").decode() != text:
        raise CapturesetError(f"{one_line(text, 80)!r} is no UTF-8 text; write it anew.")
    return one_line(" ".join(text.split()))


def _settle(repository: Repository, journal: Journal) -> str | None:
    if journal.state == CREATED:
        return None  # it had written nothing
    head = git.git(repository.root, "rev-parse", "HEAD").strip()
    if head == journal.head:
        kept = undoing.undo(repository, journal.tag, keep=True)
        where = f"; what it had written is kept in {undoing.KEPT}" if kept else ""
        return f"an interrupted release of {journal.tag} was undone{where}"
    if _is_release_commit(repository, journal):
        _tag_if_missing(repository, journal, head)
        return f"an interrupted release of {journal.tag} was finished"
    raise CapturesetError(
        f"a release of {journal.tag} was interrupted at {journal.head[:10]} and commits were made since; "
        f"look at `git status`, undo what it left, then remove {path(repository).relative_to(repository.root)}."
    )


def _is_release_commit(repository: Repository, journal: Journal) -> bool:
    parents, _, subject = git.git(repository.root, "log", "-1", "--format=%P%n%s").strip().partition("\n")
    return parents == journal.head and subject == commit_subject(journal.tag)


def commit_subject(tag: str) -> str:
    """Return the subject of the commit a release makes."""
    return f"Release {tag}"


def _tag_if_missing(repository: Repository, journal: Journal, commit: str) -> None:
    if not git.git(repository.root, "tag", "--list", journal.tag).strip():
        tag(repository, journal.tag, journal.message, commit)


def tag(repository: Repository, name: str, message: str, commit: str) -> None:
    """Make the annotated tag that is the version."""
    git.git(repository.root, "tag", "--annotate", "--cleanup=verbatim", name, "--message", message, commit)
