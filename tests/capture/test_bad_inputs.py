from __future__ import annotations

import ast
import json
import random
import shutil
import subprocess
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bad_documents import PHOTO, bad_feedback, bad_inbox_files, bad_sidecars
from bad_images import Case, bad_images
from captureset.capture import exclude
from captureset.capture.commit import commit
from captureset.capture.envelope import Envelope, unpack
from captureset.capture.images import inspect
from captureset.capture.reasons import REASONS
from captureset.capture.stored import captured_files
from captureset.capture.submit import submit, submit_feedback
from captureset.cli.main import main
from captureset.errors import CapturesetError, RefusedError
from captureset.formats import jsontext
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.taxonomy import Taxonomy
from captureset.store.repository import Repository
from deliveries import feedback, sidecar
from mutations import base_images, base_sidecar, envelope, misdescribed, mutated
from photos import png

ROOT = Path(__file__).resolve().parents[2]
TAXONOMY = load_taxonomy(ROOT / "data" / "categories.yaml")
IMAGES = bad_images()
SIDECARS, FEEDBACK = list(bad_sidecars()), list(bad_feedback())
LONGEST_S, LARGEST_MB = 2.0, 256
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")


def refusal(error: CapturesetError) -> str:
    """Return the code of a refusal, after checking that it is known and that its text is one printable sentence."""
    assert isinstance(error, RefusedError)
    reason, text = error.reason, str(error)
    assert {reason, *(problem.reason for problem in error.problems)} <= REASONS.keys()
    assert text.isprintable()
    assert text.endswith((".", "…"))
    assert 20 <= len(text) < 30_000
    return reason


def outcome(call: Any, *arguments: Any) -> str:
    """Return `accepted` or the code of the refusal; anything else that is raised fails the test."""
    begun = time.perf_counter()
    try:
        call(*arguments)
    except CapturesetError as error:
        return refusal(error)
    finally:
        assert time.perf_counter() - begun <= LONGEST_S
    return "accepted"


def taken_in(photo: bytes, twin: bytes | None, repository: Repository) -> None:
    """Submit a photo and do with it what `commit` does."""
    receipt = submit(repository, photo, sidecar("c-1"), twin)
    data = receipt.path.read_bytes()
    receipt.path.unlink()
    captured_files(unpack(data, receipt.path.name), receipt.path.name, TAXONOMY)


def emptied(repository: Repository) -> list[str]:
    """Return what was in the inbox, after removing it."""
    left = sorted(repository.inbox.iterdir())
    for path in left:
        path.unlink()
    return [path.name for path in left]


def named(cases: Any) -> list[str]:
    """Return the names of cases."""
    return [ascii(case[0])[1:-1] for case in cases]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """One repository for all that is refused before it leaves a trace."""
    root = tmp_path_factory.mktemp("bad") / "repository"
    (root / "data" / "inbox").mkdir(parents=True)
    shutil.copy(ROOT / "data" / "categories.yaml", root / "data" / "categories.yaml")
    return Repository(root)


@pytest.mark.parametrize("case", IMAGES, ids=named(IMAGES))
def test_a_bad_photo_is_refused_by_its_code(place: Repository, case: Case) -> None:
    """By `submit` from its header or by `commit` from its pixels, and the same bytes as a twin."""
    _, code, data = case
    assert outcome(taken_in, data, None, place) == code
    assert outcome(taken_in, PHOTO, data, place) == code


@pytest.mark.parametrize("case", SIDECARS, ids=named(SIDECARS))
def test_a_bad_sidecar_is_refused_by_its_code(place: Repository, case: tuple[str, str, Any]) -> None:
    """Ids, boxes, times, types, sizes; nothing is left in the inbox."""
    _, code, document = case
    assert (outcome(submit, place, PHOTO, document), emptied(place)) == (code, [])


@pytest.mark.parametrize("case", FEEDBACK, ids=named(FEEDBACK))
def test_a_bad_feedback_is_refused_by_its_code(place: Repository, case: tuple[str, str, Any]) -> None:
    """As a sidecar."""
    _, code, document = case
    assert (outcome(submit_feedback, place, "c-1", document), emptied(place)) == (code, [])


def test_no_bad_file_in_the_inbox_stops_a_commit(git_repository: Repository) -> None:
    """Every one goes to quarantine with its code and its bytes, and the sound capture beside them comes in."""
    bad = bad_inbox_files()
    submit(git_repository, PHOTO, sidecar("sound"))
    for name, (_, data) in bad.items():
        (git_repository.inbox / name).write_bytes(data)
    done = commit(git_repository)
    assert done.captures == 1
    assert {refused.name: refused.reason for refused in done.refusals} == {name: bad[name][0] for name in bad}
    for name, (code, data) in bad.items():
        assert (git_repository.quarantine / name).read_bytes() == data
        said = json.loads((git_repository.quarantine / f"{name}.reason.json").read_text(encoding="utf-8"))
        assert said["reason"] == code
        assert said["message"].isprintable()


def test_there_are_enough_of_them() -> None:
    """At least 150 have a name of their own."""
    names = [*named(IMAGES), *named(SIDECARS), *named(FEEDBACK), *bad_inbox_files()]
    assert len(set(names)) == len(names) >= 150


def test_every_code_is_in_the_table_and_used() -> None:
    """What the code refuses with is what the table explains."""
    used = set()
    for path in (ROOT / "stages" / "captureset").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            place = {"RefusedCaptureError": 0, "Problem": 3}.get(getattr(getattr(node, "func", None), "id", ""))
            if isinstance(node, ast.Call) and place is not None:
                used |= {part.value for part in node.args[place : place + 1] if isinstance(part, ast.Constant)}
    assert used | {"invalid_document"} == REASONS.keys()


def test_the_command_line_shows_no_traceback(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 and one line, for bad photos and for bad JSON."""
    sound, described = tmp_path / "photo.jpg", tmp_path / "sidecar.json"
    sound.write_bytes(PHOTO)
    jsontext.write(described, sidecar("c-1"))
    bad_photo, bad_json = tmp_path / "bad photo.jpg", tmp_path / "bad\nname.json"
    texts = (b"", b"{", b"[]", b"nothing", b'{"a": NaN}', b"\xff", b"[" * 100_000, b'{"capture_id": "\\ud83d"}')
    header_only = [data for _, code, data in IMAGES if code in {"not_an_image", "animated"}]
    for photo, text in [*((data, b"") for data in header_only[::6]), *((b"", text) for text in texts)]:
        bad_photo.write_bytes(photo)
        bad_json.write_bytes(text)
        pair = (bad_photo, described) if photo else (sound, bad_json)
        monkeypatch.setattr("sys.argv", ["captureset", "submit", *map(str, pair), "--repo", str(repository.root)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert ended.value.code == 1
        assert "Traceback" not in said.err + said.out


def test_a_disk_that_cannot_be_read_is_one_sentence(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, no traceback, for any command."""
    monkeypatch.setattr("sys.argv", ["captureset", "exclude", "c-1", "--undo", "--repo", str(repository.root)])
    monkeypatch.setattr(exclude, "include", _unreadable)
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert (ended.value.code, said.count("\n"), "Traceback" in said) == (1, 1, False)
    assert "data/quarantine: Input/output error; mend that" in said


def _unreadable(*_: object) -> None:
    raise OSError(5, "Input/output error", "data/quarantine")


def generated(count: int, seed: int, taxonomy: Taxonomy, repository: Repository) -> Counter[str]:
    """Return how often which code came, over deliveries spoilt at random."""
    choose, images, found = random.Random(seed), base_images(), Counter[str]()
    for number in range(count):
        photo = mutated(choose, choose.choice(images))
        described = misdescribed(choose, base_sidecar())
        said = misdescribed(choose, feedback("f-1", "c-1", "correct", boxes=base_sidecar()["label"]["boxes"]))
        calls: tuple[tuple[Any, ...], ...] = (
            (taken_in, photo, None, repository),
            (taken_in, PHOTO, photo, repository),
            (kept, Envelope(images[0], described), taxonomy),
            (opened, envelope(choose, images), taxonomy),
            (submit_feedback, repository, "c-1", said),
            (jsontext.parse, mutated(choose, jsontext.dump(said).encode()), "x") if is_json(said) else (str,),
        )
        call = calls[number % len(calls)]
        code = json_outcome(*call) if call[0] is jsontext.parse else outcome(*call)
        found[code] += 1
        emptied(repository)
    return found


def json_outcome(call: Any, *arguments: Any) -> str:
    """Return what becomes of a text that may be no JSON; `parse` leaves the code to its caller."""
    try:
        call(*arguments)
    except CapturesetError:
        return "not_json"
    return "accepted"


def is_json(document: Any) -> bool:
    """Say whether a document can be written."""
    try:
        return bool(jsontext.dump(document).encode())
    except (ValueError, TypeError):
        return False


def kept(capture: Envelope, taxonomy: Taxonomy) -> None:
    """Do with an envelope in memory what `commit` does."""
    captured_files(capture, "x", taxonomy)


def opened(data: bytes, taxonomy: Taxonomy) -> None:
    """Do with an envelope's bytes what `commit` does."""
    captured_files(unpack(data, "x.capture"), "x.capture", taxonomy)


def test_300_generated_inputs_have_a_code(place: Repository) -> None:
    """Seeded, so a failure comes again; the battery has 6,000."""
    found = generated(300, 1, TAXONOMY, place)
    assert len(found) >= 5
    assert found["accepted"] < 100


@pytest.mark.battery
def test_6000_generated_inputs_have_a_code(place: Repository) -> None:
    """Run it with `pytest -m battery tests/capture/test_bad_inputs.py`."""
    found = generated(6000, 2, TAXONOMY, place)
    assert found.total() == 6000


def test_bad_inputs_are_cheap() -> None:
    """Each at most 2 seconds, all of them in one process of at most 256 MB."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__],
        env={"PYTHONPATH": f"{ROOT / 'stages'}:{ROOT / 'tests'}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    measured = json.loads(done.stdout)
    assert measured["inputs"] >= 150
    assert measured["longest_s"] <= LONGEST_S
    assert measured["largest_mb"] <= LARGEST_MB


def measure() -> None:
    """Print how long the worst of the named inputs took, and the most memory the process ever had."""
    warnings.simplefilter("ignore")
    took: dict[str, float] = {}
    for name, _, data in IMAGES:
        begun = time.perf_counter()
        facts = None
        try:
            facts = inspect(data, name)
            captured_files(Envelope(data, sidecar("c-1")), name, TAXONOMY)
        except CapturesetError:
            took[name] = time.perf_counter() - begun
        assert name in took, (name, facts)
    for name, _, document in SIDECARS:
        begun = time.perf_counter()
        try:
            captured_files(Envelope(PHOTO, document, png(8, 8)), name, TAXONOMY)
        except CapturesetError:
            took[name] = time.perf_counter() - begun
    worst = max(took, key=took.__getitem__)
    status = Path("/proc/self/status").read_text(encoding="utf-8")  # getrusage would count the parent's memory too
    peak = int(status.partition("VmHWM:")[2].split()[0]) // 1024
    sys.stdout.write(
        jsontext.dump({"inputs": len(took), "longest_s": took[worst], "longest": worst, "largest_mb": peak})
    )


if __name__ == "__main__":
    measure()
