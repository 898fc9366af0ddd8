"""docs/mail.md shows every mail there is, whole, in both widths and both schemes."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
DIGESTS = {"daily", "weekly", "first"}


def test_every_mail_is_shown_wide_and_narrow_light_and_dark() -> None:
    letters = {path.parent.name for path in ROOT.glob("templates/emails/*/body.mjml")} - {"digest"}
    looks = [f"{width}-{scheme}" for width in (640, 375) for scheme in ("light", "dark")]
    wanted = {f"{kind}-{look}.png" for kind in letters | DIGESTS for look in looks}
    shown = re.findall(r"\(pictures/mails/([\w-]+\.png)\)", (ROOT / "docs/mail.md").read_text())
    assert {path.name for path in ROOT.glob("docs/pictures/mails/*")} == wanted
    assert sorted(shown) == sorted(wanted)
