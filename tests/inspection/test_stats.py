"""`captureset stats`: every number counted a second time by other tools: find, DVC itself, plain sums."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import rows
from captureset.capture.commit import commit
from captureset.capture.submit import submit, submit_feedback
from captureset.catalog import Catalog
from captureset.cli.main import app
from captureset.cli.stats import size
from captureset.errors import CapturesetError
from captureset.inspection.savings import COLLECT, RELINK
from captureset.inspection.stats import catalog_statistics, statistics
from captureset.inspection.storage import storage
from captureset.store import git
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from deliveries import EVENING, feedback, sidecar
from photos import jpeg, png
from pipeline import NOBODY, begin, save

TWIN = png(64, 48, 9)
BUILD = """\
mkdir -p data/exports/yolo data/report
cp photo.jpg data/exports/yolo/a.jpg
cp photo.jpg data/exports/yolo/again.jpg
echo label > data/exports/yolo/a.txt
echo {} > data/report/metrics.json
"""
RECIPE = {
    "cmd": "sh build.sh",
    "outs": ["data/exports/yolo"],
    "metrics": [{"data/report/metrics.json": {"cache": False}}],
}


@pytest.fixture(scope="module", autouse=True)
def nobody() -> Iterator[None]:
    """Nobody's own Git settings reach these tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NOBODY.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def built(nobody: None, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001 - it must run first
    """Three captures, one with a twin and feedback, and an export with the bytes of a photo twice. Read only."""
    repository = begin(tmp_path_factory.mktemp("stats") / "built")
    root = repository.root
    for seed, name in enumerate("abc"):
        submit(repository, jpeg(64, 48, seed), sidecar(name, EVENING), TWIN if name == "a" else None)
    submit_feedback(repository, "a", feedback("f", "a"))
    commit(repository)
    (root / "photo.jpg").write_bytes(jpeg(64, 48, 0))
    (root / "build.sh").write_text(BUILD, encoding="utf-8")
    (root / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"export": RECIPE}}), encoding="utf-8")
    git.dvc(root, "repro", "--quiet")
    save(root, "Build")
    return root


@pytest.fixture
def filled(built: Path, tmp_path: Path) -> Repository:
    """A copy of it to work on."""
    return Repository(Path(shutil.copytree(built, tmp_path / "copy", symlinks=True)))


def found_by_find(folder: Path) -> tuple[int, int]:
    """Return names and bytes below a folder as `find` has them, each inode once."""
    lines = subprocess.run(
        ["find", "-L", str(folder), "-type", "f", "-printf", "%D:%i %s\n"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return len(lines), sum(int(line.split()[1]) for line in set(lines))


def freed(repository: Repository) -> dict[str, tuple[int, int]]:
    """Return files and bytes that each suggested command would free."""
    return {saving.command: (saving.files, saving.bytes) for saving in storage(repository).savings}


def test_places_are_as_find_counts_them(filled: Repository) -> None:
    """Files and bytes of every place, a file with two names once."""
    os.link(filled.root / "data/exports/yolo/a.txt", filled.root / "data/exports/yolo/b.txt")
    filled.quarantine.mkdir()
    (filled.quarantine / "broken.capture").write_bytes(b"x" * 777)
    (filled.scratch / "measure").mkdir(parents=True)
    (filled.scratch / "measure/shard").write_bytes(b"y" * 555)
    places = storage(filled).places
    folders = {
        "cache": filled.root / ".dvc/cache",
        "exports": filled.root / "data/exports",
        "quarantine": filled.quarantine,
        "scratch": filled.scratch,
        "inbox": filled.inbox,
    }
    for name, folder in folders.items():
        assert (places[name].files, places[name].bytes) == found_by_find(folder), name
    assert places["exports"].files == 4
    assert places["quarantine"].bytes == 777


def test_content_is_by_kind_unique_and_shared(filled: Repository) -> None:
    """An export that holds a photo twice counts it twice, once as unique bytes, and as shared with the originals."""
    content = storage(filled).content
    photo = len(jpeg(64, 48, 0))
    originals = sum(len(jpeg(64, 48, seed)) for seed in range(3))
    assert (content["originals"].files, content["originals"].bytes) == (3, originals)
    assert content["originals"].shared_bytes == content["exports"].shared_bytes == photo
    assert (content["exports"].files, content["exports"].bytes) == (3, 2 * photo + len("label\n"))
    assert content["exports"].unique_bytes == photo + len("label\n")
    assert (content["twins"].files, content["twins"].bytes) == (1, len(TWIN))
    assert (content["sidecars"].files, content["feedback"].files, content["tables"].files) == (3, 1, 0)
    assert (content["manifests"].files, content["manifests"].unknown_files) == (3, 0)  # two months, one export


def test_all_kinds_together_are_what_dvc_would_push(filled: Repository) -> None:
    """Nothing is on the remote, then everything: the unpushed bytes are what `dvc push` puts there."""
    before = storage(filled)
    assert before.remote is not None
    assert (before.remote.files, before.unpushed_bytes) == (0, before.unique_bytes)
    git.dvc(filled.root, "push", "--quiet")
    after = storage(filled)
    assert after.remote is not None
    assert (after.remote.files, after.remote.bytes) == found_by_find(filled.root / ".dvcstore")
    assert (after.remote.bytes, after.unpushed_bytes) == (before.unique_bytes, 0)


def test_a_clone_without_cache_knows_the_sizes_from_the_remote(filled: Repository) -> None:
    """What is not on this machine is counted all the same; what is nowhere is of unknown size."""
    git.dvc(filled.root, "push", "--quiet")
    whole = storage(filled)
    shutil.rmtree(filled.root / ".dvc/cache")
    assert storage(filled).content == whole.content
    md5 = next(
        file for file in (filled.root / ".dvcstore").rglob("*") if file.is_file() and file.stat().st_size == len(TWIN)
    )
    md5.unlink()
    lost = storage(filled).content["twins"]
    assert (lost.files, lost.bytes, lost.unknown_files) == (1, 0, 1)


def test_what_gc_would_remove_is_named_with_its_bytes(filled: Repository) -> None:
    """As many objects as DVC's own dry run names, and the bytes that the suggested command really frees."""
    ObjectStore(filled.root).add(b"no branch and no tag names me")
    files, size_bytes = freed(filled)[COLLECT]
    said = git.dvc(filled.root, "gc", "--all-branches", "--all-tags", "--dry", "--force")
    assert re.search(r"Removed (\d+) objects from repo cache", said)[1] == str(files)  # type: ignore[index]
    before = found_by_find(filled.root / ".dvc/cache")[1]
    done = CliRunner().invoke(app, [*COLLECT.split()[1:], "--repo", str(filled.root)])
    assert done.exit_code == 0
    assert before - found_by_find(filled.root / ".dvc/cache")[1] == size_bytes
    assert COLLECT not in freed(filled)


def test_much_to_remove_is_said_to_gc(filled: Repository) -> None:
    """It refuses to remove more than a fifth unasked, so the command says how much."""
    for number in range(20):
        ObjectStore(filled.root).add(b"junk %d" % number)
    (command,) = (command for command in freed(filled) if command.startswith(COLLECT))
    assert "--most" in command
    assert CliRunner().invoke(app, [*command.split()[1:], "--repo", str(filled.root)]).exit_code == 0
    assert not [command for command in freed(filled) if command.startswith(COLLECT)]


def test_what_only_a_tag_names_is_kept(filled: Repository) -> None:
    """The old export's label and manifest are to be freed once its tag is gone, not before."""
    manifest = (filled.root / "dvc.lock").read_text(encoding="utf-8").split(".dir")[0][-32:] + ".dir"
    store, old = ObjectStore(filled.root), b"label\n"
    git.git(filled.root, "tag", "old")
    (filled.root / "build.sh").write_text(BUILD.replace("label", "another"), encoding="utf-8")
    git.dvc(filled.root, "repro", "--quiet", "--force")
    git.git(filled.root, "commit", "--quiet", "--all", "--message", "Another")
    assert COLLECT not in freed(filled)
    git.git(filled.root, "tag", "--delete", "old")
    assert freed(filled)[COLLECT] == (2, len(old) + store.cache_path(manifest).stat().st_size)


def test_copies_become_links_by_the_suggested_command(filled: Repository) -> None:
    """The very command frees the very bytes: afterwards all of the export is linked into the cache."""
    photo, label = len(jpeg(64, 48, 0)), len("label\n")
    assert freed(filled)[RELINK] == (3, 2 * photo + label)
    before = storage(filled).places["exports"]
    for command in RELINK.split(" && "):
        git.dvc(filled.root, *command.split()[1:])
    after = storage(filled).places["exports"]
    assert (before.linked_bytes, after.linked_bytes) == (0, after.bytes)
    assert before.bytes - (after.bytes - after.linked_bytes) == 2 * photo + label
    assert RELINK not in freed(filled)


def test_photos_checked_out_are_named_unless_one_is_not_in_the_cache(filled: Repository) -> None:
    """data/images may go when the cache has every file of it; a stranger in it keeps it from being suggested."""
    git.dvc(filled.root, "checkout", "--quiet", "data/captures/2024-01.dvc")
    files, size_bytes = found_by_find(filled.root / "data/images")
    assert freed(filled)["rm -r data/images"] == (files, size_bytes)
    (filled.root / "data/images/2024/01/mine.txt").write_text("not in DVC", encoding="utf-8")
    assert "rm -r data/images" not in freed(filled)


def test_quarantine_and_shards_are_named(filled: Repository) -> None:
    """Both with the bytes they hold."""
    filled.quarantine.mkdir()
    (filled.quarantine / "a.capture").write_bytes(b"x" * 70)
    for name, count in (("measure-1/shard", 50), ("aside/last-copy", 70), ("release.json", 80)):
        (filled.scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (filled.scratch / name).write_bytes(b"y" * count)
    assert freed(filled)["rm -r .dvc/tmp/captureset/measure-*"][1] == 50
    assert [size for command, (_, size) in freed(filled).items() if "quarantine" in command] == [70]


def test_an_output_nobody_pushed_is_counted_as_unknown(filled: Repository) -> None:
    """A clone that lacks an export's manifest says so instead of refusing; nor can anybody tell what gc would free."""
    git.dvc(filled.root, "push", "--quiet")
    for folder in (".dvc/cache", ".dvcstore"):
        lock = yaml.safe_load((filled.root / "dvc.lock").read_text(encoding="utf-8"))
        md5 = lock["stages"]["export"]["outs"][0]["md5"]
        (filled.root / folder / "files/md5" / md5[:2] / md5[2:]).unlink()
    ObjectStore(filled.root).add(b"no branch and no tag names me")
    found = storage(filled)
    assert (found.content["exports"].files, found.content["manifests"].unknown_files) == (0, 1)
    assert COLLECT not in {saving.command for saving in found.savings}


def world() -> Catalog:
    """Three captures of two days; one box each for two of them."""
    captures = [
        rows.confirmed("a", feedback_count=1),
        rows.capture("b", captured_at="2024-02-01T00:00:00.000000Z", category="APPL_TV"),
        rows.capture("c", category=None, label_kind="none"),
    ]
    return Catalog(captures, [rows.annotation("a"), rows.annotation("b", "APPL_TV")], [])


def test_the_catalog_is_counted_as_the_contract_names_it() -> None:
    """Totals, categories, grades, feedback, latest day; a capture nobody has judged is said to be so."""
    found = catalog_statistics(world(), [rows.quality("a"), rows.quality("b", grade="low")])
    assert found["total_images"] == 3
    assert found["total_annotations"] == 2
    assert found["category_distribution"] == {"APPL_TV": 1, "FURN_SOFA": 1}
    assert found["without_category"] == 1
    assert found["quality_distribution"] == {
        "high_quality": 1,
        "medium_quality": 0,
        "low_quality": 1,
        "not_judged": 1,
    }
    assert found["feedback_coverage"] == 0.333333
    assert found["latest_data_date"] == "2024-02-01"


def test_days_take_both_ends() -> None:
    """Captures and boxes of the days alone."""
    found = catalog_statistics(world(), [], ("2024-01-15", "2024-01-15"))
    assert (found["total_images"], found["total_annotations"], found["latest_data_date"]) == (2, 1, "2024-01-15")


def test_of_nothing_there_is_no_share_and_no_day(git_repository: Repository) -> None:
    """An empty repository has zeros, not an error."""
    shutil.copy(rows.PARAMS, git_repository.root / "params.yaml")
    found = statistics(git_repository)
    assert (found["total_images"], found["feedback_coverage"], found["latest_data_date"]) == (0, None, None)
    assert found["storage_usage"]["unique_bytes"] == 0


def test_the_command_answers_people_and_scripts(filled: Repository) -> None:
    """The same numbers in both; captures counted before `dvc repro` has catalogued them."""
    said = CliRunner().invoke(app, ["stats", "--repo", str(filled.root)]).stdout
    document = json.loads(CliRunner().invoke(app, ["stats", "--repo", str(filled.root), "--json"]).stdout)
    assert (document["total_images"], document["quality_distribution"]["not_judged"]) == (3, 3)
    assert document["storage_usage"]["savings"][0]["command"] == RELINK
    assert "captures     3, with 0 boxes" in said
    assert "feedback     1 of 3 captures, 33.3 %" in said
    assert f"to free {size(document['storage_usage']['savings'][0]['bytes'])}: " in said


def test_a_day_that_is_none_is_refused(git_repository: Repository) -> None:
    """By its option."""
    done = CliRunner().invoke(app, ["stats", "--from", "15.1.2024", "--repo", str(git_repository.root)])
    assert isinstance(done.exception, CapturesetError)
    assert "--from '15.1.2024' is no day" in str(done.exception)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1_234_567, "1.23 MB"), (9_995_000_000, "9.99 GB")]
)
def test_sizes_are_decimal_with_three_digits(count: int, text: str) -> None:
    """As disks and clouds count them."""
    assert size(count) == text
