"""Lives some days in one checkout and writes down all that it says, for compare_checkouts.py.

Called in the checkout's folder with the checkout's Python, and a file that says what is wanted.
"""

from __future__ import annotations

import gzip
import json
import re
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import checkout_readers as readers
from checkout_site import DAYS, WANTED, Record, move_clock, now, say, tell_replay
from checkout_visitor import Visitor
from comparable import read_body
from django.conf import settings
from django.contrib.auth.models import User
from web_page import read_links

STAGES = ("ingest", "score", "match", "send_digests", "audit")
KEPT = ("mails", "pages", "commands", "matches", "names", "queries")
SEEN = 10  # papers and topics whose feeds and API answers are opened as well


def main() -> None:
    record = Record()
    record.run("migrate", verbosity=0, interactive=False)
    life = Life(record)
    if WANTED["replay"]:
        life.sign_up()
        for place, day in enumerate(DAYS):
            life.live_through(place)
            say(f"{day} is over, {len(record.mails)} mails so far")
    else:
        life.rehearse()
    if "commands" in WANTED["kinds"]:
        life.ask_commands()
    if "pages" in WANTED["kinds"]:
        life.open_pages()
    record.keep_matches()
    record.name_deliveries()
    said = {kind: getattr(record, kind) for kind in KEPT}
    with gzip.open(WANTED["out"], "wt", encoding="utf-8", compresslevel=3) as out:
        json.dump(said, out)


class Life:
    """The readers' days: what they are sent, press and type."""

    def __init__(self, record: Record) -> None:
        self._record, self._visitor = record, Visitor(record)

    def sign_up(self) -> None:
        """Some are added by a command, some sign up on the site; one never confirms."""
        for name, (topics, typed) in readers.BY_COMMAND.items():
            words = [f"--topic={topic}" for topic in topics]
            said = self._run("add_subscriber", f"{name}@example.org", *words, "--confirmed")
            page = self._visitor.open(_find(r"Preferences:\s*(\S+)", said), name)
            if typed:
                self._visitor.press(page, "Save", name, **typed)
        for name, wishes in readers.BY_PAGE.items():
            self._ask_for(name, wishes)
            self._confirm(name)
        self._ask_for("undecided", {"topics": "RAG"})
        # Whoever has a digest is asked before a stranger's wish changes it.
        self._ask_for("rlhf", {"topics": "GRPO"})
        self._confirm("rlhf")

    def _ask_for(self, name: str, wishes: dict[str, str]) -> None:
        page = self._visitor.open("/subscribe/", name)
        self._visitor.press(page, "Subscribe", name, email=f"{name}@example.org", **wishes)
        self._record.work("subscribers.tasks.send_pending_confirmations")

    def _confirm(self, name: str) -> None:
        page = self._visitor.open(self._find_link(name, "/confirm/"), name)
        self._visitor.press(page, "Confirm", name)

    def live_through(self, place: int) -> None:
        """One day: every stage once, at noon, then what the readers do that day."""
        move_clock(DAYS[place], 12)
        tell_replay(DAYS[place])
        for stage in STAGES:
            self._run(stage)
        move_clock(DAYS[place], 13)
        self._act(place)

    def rehearse(self) -> None:
        """The bundled sample's days, for which no source is asked."""
        self._record.run("rehearse", f"--days={len(DAYS)}")
        move_clock(DAYS[-1], 12)
        self.sign_up()
        self._run("match")
        self._run("send_digests")
        for place in readers.PLACES:
            self._act(place)
        self._run("audit")

    def _act(self, place: int) -> None:
        for name, verb, number in readers.PRESSES.get(place, []):
            self._press_in_mail(name, verb, number)
        if place == readers.DAY_OF_LEAVING:
            self._leave()
        if place == readers.DAY_OF_MOVING:
            self._move()
        if place == readers.DAY_OF_LISTS:
            self._tidy_lists()

    def _press_in_mail(self, name: str, verb: str, number: int) -> None:
        """More, less, save or mute: of the mail's papers the one of this number."""
        mails = self._record.letters_to(f"{name}@example.org")
        html = read_body(mails[-1], "html") if mails else ""
        links = re.findall(rf'"([^"]*/feedback/[^/"]+/{verb}/\d+/)"', html)
        if not links:
            say(f"the last mail to {name} has no link to {verb}")
            return
        page = self._visitor.open(links[number % len(links)], name)
        pressed = self._visitor.press(page, verb.capitalize(), name)
        if number % 2:
            self._visitor.press(pressed, "Undo", name)

    def _leave(self) -> None:
        """By button, by one click, and only half."""
        for name, buttons in readers.LEAVERS.items():
            page = self._visitor.open(self._find_link(name, "/unsubscribe/"), name)
            for button in buttons:
                page = self._visitor.press(page, button, name)
        address = self._find_link(readers.ONE_CLICK, "/unsubscribe/")
        self._visitor.ask("POST", address, {"List-Unsubscribe": "One-Click"}, "one click")

    def _move(self) -> None:
        """One loses the link, sees all that is kept and moves; another deletes everything."""
        page = self._visitor.open("/preferences/", "speech")
        self._visitor.press(page, "Send me my link", "speech", email="speech@example.org")
        self._record.work("subscribers.tasks.send_asked_links")
        page = self._visitor.open(self._find_link("speech", "/account/"), "speech")
        self._visitor.press(page, "Download everything", "speech")
        new = "speech-lab@example.org"
        self._visitor.press(page, "Send a letter there", "speech", new_email=new)
        self._record.work("subscribers.tasks.send_asked_links")
        page = self._visitor.open(self._find_link("speech-lab", "/move/"), "speech")
        self._visitor.press(page, "Send it here", "speech")
        self._record.work("subscribers.tasks.send_asked_links")
        self._visitor.open(self._find_link("speech", "/move-back/"), "speech")
        page = self._visitor.open(self._find_link("safety", "/preferences/"), "safety")
        self._visitor.press(page, "Send me a fresh link", "safety")
        self._record.work("subscribers.tasks.send_asked_links")
        page = self._visitor.open(self._find_link("safety", "/account/"), "safety")
        self._visitor.press(page, "Delete everything", "safety")
        self._visitor.press(page, "Delete everything", "safety", sure="1")

    def _tidy_lists(self) -> None:
        """The reading list and what was learned; what was forgotten before the day is over."""
        page = self._visitor.open(self._find_link("everything", "/preferences/"), "everything")
        listed = [link for link in read_links(page.body) if "/reading-list/" in link]
        page = self._visitor.open(listed[0], "everything")
        page = self._visitor.press(page, "remove", "everything")
        self._visitor.press(page, "Undo", "everything")
        page = self._visitor.open(self._find_link("vision", "/preferences/"), "vision")
        self._visitor.press(page, "Forget", "vision")
        page = self._visitor.open(self._find_link("agents", "/preferences/"), "agents")
        self._visitor.press(page, "Reset all", "agents")
        self._record.work("subscribers.tasks.forget_unconfirmed")

    def ask_commands(self) -> None:
        """Those that only show something, at the end."""
        self._run("score", "--dry-run", "--top=100")
        self._run("send_digests", "--dry-run")
        for topics in readers.TOPIC_LISTS:
            self._run("preview", topics, "--text")
        with TemporaryDirectory() as folder:
            path = Path(folder, "topics.txt")
            path.write_text("\n".join(readers.SEARCHES[:10]))
            self._record.names[str(path)] = "TOPICS"
            self._run("first_papers", str(path))

    def open_pages(self) -> None:
        """Pages of every kind, as a visitor and as staff, a few hours after the last mail."""
        move_clock(DAYS[-1], 16)
        searches = [f"/search?q={quote(query)}" for query in readers.SEARCHES]
        newest = [self._record.letters_to(f"{name}@example.org")[-1:] for name in readers.SHOWN]
        mails = [read_body(raw, "html") for raws in newest for raw in raws]
        links = re.findall(rf'"({settings.SITE_URL}/[^"]+)"', "".join(mails))
        opened = self._visitor.crawl(["/", *searches, *readers.ADDRESSES], links)
        paths = [key.split()[-1] for key in self._record.pages if key.startswith("GET /")]
        opened += self._visitor.crawl(_answers_for_programs(paths))
        for method, path, fields, headers in readers.UNUSUAL:
            self._visitor.ask(method, path, fields, **headers)
        for text in readers.PASTED:
            self._visitor.ask("POST", "/interests/", {"pasted": text}, f"{text[:20]!r}")
        staff = User.objects.create_superuser("staff", "staff@example.org")
        opened += Visitor(self._record, staff).crawl(["/admin/"])
        spent = time.process_time()
        say(f"{opened} pages opened, {len(self._record.pages)} answers, {spent:.0f} s of a core")

    def _run(self, command: str, *words: str) -> str:
        return self._record.run(command, *words, now=now().isoformat())

    def _find_link(self, name: str, path: str) -> str:
        """The newest link of this kind that was mailed to a reader."""
        for raw in reversed(self._record.letters_to(f"{name}@example.org")):
            pattern = rf"{settings.SITE_URL}{path}[^\s\"<>]+"
            if found := re.search(pattern, read_body(raw, "plain")):
                return found[0]
        say(f"no mail to {name} has a link to {path}")
        return f"{path}nothing/"


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else "/nothing/"


def _answers_for_programs(paths: list[str]) -> list[str]:
    """The API's and the feeds' answers about papers and topics whose pages were opened."""
    papers = [p for path in paths if (p := path.removeprefix("/paper/")) != path][:SEEN]
    topics = [t for path in paths if re.fullmatch(r"/topics/[\w-]+/", t := path)][:SEEN]
    slugs = [path.split("/")[2] for path in topics]
    return [
        *(f"/api/v1/papers/{identifier.strip('/')}" for identifier in papers),
        *(f"/api/v1/topics/{slug}" for slug in slugs),
        *(f"/feeds/topics/{slug}.{form}" for slug in slugs[:5] for form in ("atom", "json")),
        *(f"/feeds/papers/{day}.{form}" for day in DAYS[:5] for form in ("atom", "json")),
        *(f"/sitemaps/{day}.xml" for day in DAYS),
        *(f"/api/v1/days/{day}" for day in DAYS),
    ]


if __name__ == "__main__":
    main()
