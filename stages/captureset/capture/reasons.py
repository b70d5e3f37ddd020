"""Why a delivery may be refused: every stable code with its meaning.

The code stands in `RefusedCaptureError.reason`, in data/quarantine/<name>.reason.json and in what `commit --json`
answers. A code never changes its meaning and is never used for another one.
"""

from __future__ import annotations

REASONS = {
    "animated": "the image moves; a capture is one picture",
    "conflict": "the id is taken by other content",
    "damaged": "the image cannot be decoded whole and strictly, or its structure is broken",
    "decompression_bomb": "the image claims far more pixels, or passes over them, than its bytes can hold",
    "erased": "the capture was erased at a person's wish; its id never comes in again",
    "invalid_document": "a sidecar or feedback breaks its schema; every problem is named",
    "no_image": "an app's label has no photo",
    "no_time": "an app's label has no time that can be read",
    "not_a_label": "a file among an app's labels is none",
    "not_an_image": "the bytes are no JPEG, PNG or WebP",
    "not_json": "a document is no strict JSON",
    "not_strippable": "taking the private metadata out would change pixels or orientation",
    "other_capture": "a feedback was handed over for another capture than it names",
    "outside": "a file leads out of the folder it stands in",
    "parse_failure": "the app could not parse its model's answer, so nobody has said what is shown",
    "script_record": "a script wrote the app's label, not a user",
    "stands_twice": "two labels of an app name one capture",
    "too_large": "the file has more bytes than may come in",
    "too_many_pixels": "the image has more pixels than may come in",
    "torn": "an envelope in the inbox is not whole",
    "unreadable": "a file cannot be read for want of rights",
    "wrong_name": "a file in the inbox is not called what its content says",
}
