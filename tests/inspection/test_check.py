"""`captureset check` and `captureset status`: what they must find, and what they say of a sound repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from captureset.capture.commit import commit
from captureset.capture.submit import submit
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.inspection import status as looking
from captureset.inspection.check import check
from captureset.inspection.status import status
from captureset.store import git, pushing
from captureset.store.remote_faults import CREDENTIALS, told
from captureset.store.repository import Repository
from photos import jpeg
from pipeline import NOBODY, begin, change_params, save


@pytest.fixture
def sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with two captures in one month, committed."""
    for name, value in NOBODY.items():
        monkeypatch.setenv(name, value)
    repository = begin(tmp_path / "repository")
    for number in range(2):
        put(repository, f"capture-{number}", number)
    commit(repository)
    return repository


def put(repository: Repository, name: str, seed: int) -> None:
    """Submit a capture with a category."""
    sidecar = {
        "schema_version": 1,
        "capture_id": name,
        "captured_at": "2024-01-15T00:00:00Z",
        "source": {"kind": "app", "name": "test"},
        "label": {"reviewed": True, "category": "FURN_SOFA"},
    }
    submit(repository, jpeg(64, 48, seed), sidecar)


def messages(repository: Repository) -> list[str]:
    """Return what `check` says, with the name of the check."""
    return [f"{finding.check}: {finding.message}" for finding in check(repository)]


def test_a_sound_repository_has_no_finding(sound: Repository) -> None:
    """Nothing is wrong, before and after another commit."""
    assert messages(sound) == []
    put(sound, "capture-2", 2)
    commit(sound)
    assert messages(sound) == []


def test_an_unknown_section_and_key_are_named(sound: Repository) -> None:
    """params.yaml is checked whole, with the nearest known word."""
    change_params(sound.root, fliter={}, split__sald="x")
    (found,) = messages(sound)
    assert "/fliter" in found
    assert "did you mean filter?" in found
    assert "did you mean salt?" in found


def test_a_pointer_that_shrank_is_found(sound: Repository) -> None:
    """What DVC's own `add` of a partial month does is caught, with the command that repairs it."""
    path = sound.pointers / "2024-01.dvc"
    put(sound, "capture-2", 2)
    old = path.read_text(encoding="utf-8")
    commit(sound)
    path.write_text(old, encoding="utf-8")
    (found,) = messages(sound)
    assert found.startswith("pointers: data/captures/2024-01.dvc lost or changed 2 files since HEAD")
    assert "git checkout HEAD -- data/captures/2024-01.dvc" in found


def test_a_pointer_that_is_gone_is_found(sound: Repository) -> None:
    """A month does not vanish."""
    (sound.pointers / "2024-01.dvc").unlink()
    (found,) = messages(sound)
    assert "2024-01.dvc is gone since HEAD" in found


def test_shrinking_is_found_against_the_base_branch(sound: Repository) -> None:
    """In CI the shrunk pointer is committed already; against the base branch it is still found."""
    base = git.git(sound.root, "rev-parse", "HEAD").strip()
    (sound.pointers / "2024-01.dvc").unlink()
    save(sound.root, "Lose a month")
    assert messages(sound) == []
    assert [finding.check for finding in check(sound, base)] == ["pointers"]
    with pytest.raises(CapturesetError, match="no-such"):
        git.git(sound.root, "rev-parse", "--verify", "no-such")
    assert any("no-such is no revision" in finding.message for finding in check(sound, "no-such"))


def test_a_renumbered_category_is_found(sound: Repository) -> None:
    """Ids that a release used never change their meaning; before a release they may."""
    text = sound.categories.read_text(encoding="utf-8")
    swapped = text.replace("id: 1, code: FURN_BED", "id: 1, code: FURN_X").replace(
        "id: 2, code: FURN_SOFA", "id: 2, code: FURN_BED"
    )
    sound.categories.write_text(swapped.replace("code: FURN_X", "code: FURN_SOFA"), encoding="utf-8")
    assert messages(sound) == []
    sound.manifests.mkdir(parents=True)
    jsontext.write(sound.manifests / "a_v1_0_0.json", {"categories": {"FURN_BED": 1, "FURN_SOFA": 2, "GONE_X": 3}})
    found = messages(sound)
    assert len(found) == 3
    assert "FURN_BED has id 2, but a_v1_0_0 released it with id 1" in found[0]
    assert "GONE_X is gone" in found[2]


@pytest.fixture
def released(sound: Repository) -> Repository:
    """The same with the manifest of a release, committed; all that is looked at of it."""
    sound.manifests.mkdir(parents=True)
    jsontext.write(sound.manifests / "a_v1_0_0.json", {"categories": {"FURN_BED": 1}, "state": "ready"})
    jsontext.write(sound.manifests / "a_v1_0_0.croissant.json", {"of": "the release"})
    save(sound.root, "Release")
    return sound


def test_a_release_may_not_be_taken_out_of_the_way(released: Repository) -> None:
    """Without its manifest the categories could be renumbered: both are found, in CI against the base as well."""
    base = git.git(released.root, "rev-parse", "HEAD").strip()
    (released.manifests / "a_v1_0_0.json").unlink()
    text = released.categories.read_text(encoding="utf-8")
    released.categories.write_text(text.replace("code: FURN_BED", "code: FURN_COUCH"), encoding="utf-8")
    renumbered, gone = messages(released)
    assert "categories: data/categories.yaml: FURN_BED is gone, but a_v1_0_0 released it with id 1" in renumbered
    name = "data/metadata/datasets/a_v1_0_0.json"
    assert gone == f"releases: {name} is gone since HEAD; restore it with `git checkout HEAD -- {name}`."
    save(released.root, "Forget a release")
    assert messages(released) == []
    assert [finding.check for finding in check(released, base)] == ["categories", "releases"]


def test_a_manifest_changes_by_withdrawing_only(released: Repository) -> None:
    """Its state and why; anything else is found, and of ids it is the release's own that count. New ones may come."""
    path = released.manifests / "a_v1_0_0.json"
    document = jsontext.read(path)
    jsontext.write(path, {**document, "state": "archived", "withdrawn": {"reason": "beds"}})
    jsontext.write(released.manifests / "a_v1_1_0.json", document)
    jsontext.write(released.manifests / "a_v1_0_0.croissant.json", {})
    assert messages(released) == []
    jsontext.write(path, {**document, "categories": {"FURN_BED": 7}})
    (found,) = messages(released)
    assert found.startswith("releases: data/metadata/datasets/a_v1_0_0.json is not what it was at HEAD")


@pytest.mark.parametrize("broken", ["ref", "tree"])
def test_git_that_cannot_list_is_not_git_without_a_commit(sound: Repository, broken: str) -> None:
    """An empty ref, as a power cut leaves it, or a tree that is gone: nobody can say that anything only grew."""
    tree = git.git(sound.root, "rev-parse", "HEAD^{tree}").strip()
    path = {"ref": "refs/heads/main", "tree": f"objects/{tree[:2]}/{tree[2:]}"}[broken]
    (sound.root / ".git" / path).unlink()
    if broken == "ref":
        (sound.root / ".git" / path).touch()
    found = check(sound)
    assert [finding.check for finding in found] == ["categories", "pointers", "ledgers"]
    for finding in found:
        assert finding.message.startswith("HEAD cannot be listed: ")
        assert finding.message.endswith("; `git fsck` says what is broken.")


def test_before_the_first_commit_nothing_can_be_lost(sound: Repository) -> None:
    """On a branch without one, as `git switch --orphan` makes it, everything is new."""
    git.git(sound.root, "checkout", "--quiet", "--orphan", "fresh")
    assert messages(sound) == []


def test_a_changed_ledger_row_is_found(sound: Repository) -> None:
    """A released capture cannot be moved by hand."""
    header = sound.frozen_splits.read_text(encoding="utf-8")
    sound.frozen_splits.write_text(header + "capture-0,g,train,minimised,s/1,a@v1.0.0,default\n", encoding="utf-8")
    save(sound.root, "Freeze")
    sound.frozen_splits.write_text(header + "capture-0,g,test,minimised,s/1,a@v1.0.0,default\n", encoding="utf-8")
    (found,) = messages(sound)
    assert "data/splits.csv lost or changed 1 rows" in found


def test_a_check_that_cannot_be_or_was_lost_is_found(sound: Repository) -> None:
    """The ledger of checks is read too: its types and scores, and that no row of it goes."""
    header = sound.checks.read_text(encoding="utf-8")
    good = "capture-0,initial,a@v1.0.0,0.800000,high,,m2-p0-c0\n"
    sound.checks.write_text(header + good, encoding="utf-8")
    assert messages(sound) == []
    save(sound.root, "Check")
    sound.checks.write_text(header + "capture-0,yearly,a@v1.0.0,0.8,high,,v\n", encoding="utf-8")
    wrong, lost = messages(sound)
    assert "data/checks.csv: the row of capture-0 at a@v1.0.0 has the check type 'yearly'" in wrong
    assert "data/checks.csv lost or changed 1 rows" in lost


def test_a_ledger_that_got_a_column_lost_nothing(sound: Repository) -> None:
    """Rows from before split sets, written again with the name of their set, are the same rows."""
    header = sound.frozen_splits.read_text(encoding="utf-8")
    before = header.replace(",split_set", "") + "capture-0,g,train,minimised,s/1,a@v1.0.0\n"
    sound.frozen_splits.write_text(before, encoding="utf-8")
    save(sound.root, "Freeze")
    assert messages(sound) == []
    sound.frozen_splits.write_text(header + "capture-0,g,train,minimised,s/1,a@v1.0.0,default\n", encoding="utf-8")
    assert messages(sound) == []


def test_a_broken_ledger_and_schema_are_found(sound: Repository) -> None:
    """A split that does not exist, an id twice, and a schema that is none."""
    header = sound.frozen_splits.read_text(encoding="utf-8")
    row = "capture-0,g,holdout,minimised,s/1,a@v1.0.0,default\n"
    sound.frozen_splits.write_text(header + row + row, encoding="utf-8")
    (sound.root / "schemas/feedback.schema.json").write_text('{"type": "nonsense"}', encoding="utf-8")
    found = messages(sound)
    assert any("'holdout'" in message for message in found)
    assert any("lists capture-0 twice" in message for message in found)
    assert any("feedback.schema.json is no JSON Schema" in message for message in found)


def test_status_leads_to_the_next_command(sound: Repository) -> None:
    """From an inbox over stale stages: status counts, and names what to type."""
    assert status(sound).next_command == "dvc repro"
    assert status(sound).unpushed_files
    put(sound, "capture-2", 2)
    now = status(sound)
    assert (now.captures_waiting, now.next_command) == (1, "captureset commit")
    assert "catalog" in now.stale_stages


def test_status_gives_a_command_that_can_be_typed(sound: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names as a shell reads them, all of them when they are many; while the remote is silent its remedy."""
    monkeypatch.setattr(looking, "stale_stages", lambda _: [])
    (sound.root / "my notes.md").touch()
    assert status(sound).next_command == "git add -- 'my notes.md' && git commit"
    for number in range(looking.FITTING_PATHS):
        (sound.root / f"{number}.md").touch()
    assert status(sound).next_command == "git add --all && git commit"
    save(sound.root, "Notes")
    assert status(sound).next_command == "dvc push"
    monkeypatch.setattr(looking, "_unpushed", lambda _: None)
    assert status(sound).next_command == "dvc status --cloud"
    monkeypatch.setattr(pushing, "silence", lambda _: told("the remote s3://b does not answer", PermissionError("no")))
    assert status(sound).next_command == f"{CREDENTIALS}, then captureset status"


def test_status_of_an_empty_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without captures the next command brings some in."""
    for name, value in NOBODY.items():
        monkeypatch.setenv(name, value)
    now = status(begin(tmp_path / "repository"))
    assert (now.months, now.stale_stages, now.unpushed_files) == (0, (), 0)
    assert now.next_command.startswith("captureset import")


def test_a_file_among_the_manifests_that_is_none_is_named(sound: Repository) -> None:
    """Somebody's notes are a finding, not a missing key."""
    sound.manifests.mkdir(parents=True, exist_ok=True)
    for text in ("{}", "[1]", '{"categories": 5}'):
        (sound.manifests / "notes.json").write_text(text, encoding="utf-8")
        assert any("notes.json is no manifest of a release" in found.message for found in check(sound))
