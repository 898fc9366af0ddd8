"""Templates are read by people too: in a review, two versions of one side by side."""

from __future__ import annotations

from pathlib import Path

TEMPLATES = Path(__file__).parent.parent / "templates"
LONGEST_LINE = 160  # characters


def test_no_line_of_a_template_is_too_long_to_be_read() -> None:
    paths = sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
    assert TEMPLATES / "emails/digest/body.mjml" in paths
    too_long = [
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]
    assert too_long == []
