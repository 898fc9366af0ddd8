"""The site as people meet it, in a real browser: with and without JavaScript, light and dark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone
from playwright.sync_api import expect

from digest.deliver.outbox import read_mail, read_outbox
from digest.match import match_papers
from digest.tasks import deliver_first, first_digest
from digest.web import period_papers
from subscribers import tasks
from subscribers.account import send_links
from subscribers.account.address import request_link
from subscribers.mail import mail_links
from subscribers.models import Subscriber
from subscribers.signup import opt_in
from subscribers.signup.wishes import Wishes
from subscribers.web import known_browsers
from tests.factories import make_paper, make_reader
from tests.shelves import Shelves, answers_to_forms, fill_the_shelves

ADDRESS = "ada@example.org"
CSP = "Content-Security-Policy"
WHAT_AXE_FINDS = """async (options) => {
    const asked = { iframes: false, resultTypes: ["violations"], ...options };
    const { violations } = await axe.run(document, asked);
    return violations.flatMap((v) => v.nodes.map((n) => [v.id, n.html, n.failureSummary]));
}"""
PARTS = 3  # of all pages, so that several processes look at them
in_a_browser = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    settings.SITE_URL = live_server.url
    return str(live_server.url)


WITHOUT = pytest.param(False, id="without JavaScript", marks=pytest.mark.thorough)


@pytest.fixture(params=[pytest.param(True, id="with JavaScript"), WITHOUT])
def visitor(request: Any, browser: Any) -> Iterator[Any]:
    """A page of its own browser; what it asks for from elsewhere is written down."""
    context = browser.new_context(
        java_script_enabled=request.param, timezone_id="Asia/Tokyo", locale="en-GB"
    )
    page = context.new_page()
    page.has_script = request.param
    yield page
    context.close()


def show(page: Any, address: str, answer: Any) -> None:
    """What a form answered, as a page of the site: its styles and policy are the real ones."""
    headers = {name: answer[name] for name in (CSP, "Content-Type") if name in answer}
    page.route(address, lambda route: route.fulfill(body=answer.content, headers=headers))
    page.goto(address)


def find_view(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return "nothing"


def find_template(answer: Any) -> str:
    """What a form's answer was made of; all pages of refusals are made alike."""
    return answer.templates[0].name if hasattr(answer, "templates") else "refusal"


def type_topics(page: Any, label: str, *topics: str) -> None:
    field = page.get_by_label(label, exact=True)
    if not page.has_script:
        field.fill("\n".join(topics))
        return
    for topic in topics:
        field.press_sequentially(topic)
        field.press("Enter")


def follow_link_of_newest_mail(page: Any, site: str, name: str) -> Any:
    """The window that opens when a person clicks in the mail, read in the outbox."""
    page.goto(f"{site}/outbox/")
    with page.context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name=name).click()
    newest = opened.value
    expect(newest).not_to_have_url("about:blank")
    newest.wait_for_load_state()
    return newest


class TestJourney:
    pytestmark = in_a_browser

    def test_from_the_box_to_confirmation_preferences_and_out_and_back(
        self, site: str, visitor: Any
    ) -> None:
        now = timezone.now()
        make_paper(title="A world model of rain", news_at=now, first_seen_at=now)
        match_papers(now)
        page, has_script = visitor, visitor.has_script
        page.goto(site)
        page.get_by_label("Email address").fill("Ada@Example.org")
        type_topics(page, "Topics", "RAG", "world model")
        if not has_script:
            page.get_by_role("button", name="Preview").click()
            digest = page.frame_locator("iframe[data-sample]")
            expect(digest.get_by_role("heading", level=3)).to_have_text("A world model of rain")
        expect(page.locator(".tried .rate")).to_have_text(["0 a day", "1 a day"])
        page.get_by_role("button", name="Subscribe").click()
        page.get_by_role("heading", level=1, name="Check your inbox.").wait_for()
        assert Subscriber.objects.get().status == "pending"

        tasks.send_pending_confirmations()
        page = follow_link_of_newest_mail(page, site, "Confirm my digest")
        expect(page.get_by_role("listitem")).to_have_text(["RAG", "world model"])
        page.get_by_role("button", name="Confirm my digest").click()
        page.get_by_role("heading", level=1, name="Confirmed.").wait_for()
        reader = Subscriber.objects.get()
        assert reader.status == "active"
        assert reader.timezone == ("Asia/Tokyo" if has_script else "UTC")

        first_digest(reader.pk)
        deliver_first(reader.pk)
        page.goto(f"{site}/outbox/")
        title = page.frame_locator("iframe").get_by_role("heading", level=3)
        expect(title).to_have_text("A world model of rain")
        page.goto(mail_links.preferences_url(reader.pk))
        if has_script:
            page.get_by_role("button", name="Remove RAG").click()
            page.has_script = True
            type_topics(page, "Topics you follow", "agents + tool use")
        else:
            page.has_script = False
            type_topics(page, "Topics you follow", "world model", "agents + tool use")
        type_topics(page, "Topics you mute", "survey")
        page.get_by_label("How often").select_option("weekly")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("status").get_by_text("Saved.").wait_for()
        wanted = {(i.topic.query, i.mode) for i in reader.interests.select_related("topic")}
        assert wanted == {
            ("world model", "follow"),
            ("agents + tool use", "follow"),
            ("survey", "mute"),
        }

        page.get_by_role("link", name="Unsubscribe").click()
        page.get_by_role("button", name="Pause for a month").click()
        page.get_by_role("heading", level=1, name="Paused for a month.").wait_for()
        assert Subscriber.objects.get().paused_until
        page.get_by_role("button", name="Undo").click()
        page.get_by_role("heading", level=1, name="As if nothing had happened.").wait_for()
        page.goto(mail_links.unsubscribe_url(reader.pk))
        self.leave_and_come_back(page)

    def leave_and_come_back(self, page: Any) -> None:
        page.get_by_role("button", name="Unsubscribe").click()
        page.get_by_role("heading", level=1, name="You are unsubscribed.").wait_for()
        assert Subscriber.objects.get().status == "unsubscribed"
        page.get_by_role("button", name="Undo").click()
        page.get_by_role("heading", level=1, name="As if nothing had happened.").wait_for()
        assert Subscriber.objects.get().status == "active"

    def test_the_preview_follows_what_is_typed(self, site: str, page: Any) -> None:
        for title in ["Robot grasping with soft hands"] * 8 + ["Robot navigation"] * 10:
            make_paper(title=title, news_at=timezone.now())
        match_papers(timezone.now())
        page.goto(f"{site}/subscribe/?t=robot+navigation")
        rates, frame = page.locator(".tried .rate"), page.frame_locator("iframe[data-sample]")
        expect(rates).to_have_text(["10 a day"])
        expect(frame.get_by_role("heading", level=3).first).to_have_text("Robot navigation")
        line = page.get_by_label("Topics", exact=True)
        line.press_sequentially("robot")
        expect(rates).to_have_text(["10 a day", "18 a day"])
        expect(page.locator("#tried-said")).to_contain_text("robot: 18 a day")
        narrower = page.get_by_role("button", name="robot grasping")
        narrower.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".chips li")).to_have_text(["robot navigation×", "robot grasping×"])
        expect(rates).to_have_text(["10 a day", "8 a day"])
        line.press_sequentially("-power,")
        expect(page.locator(".tried .problem")).to_contain_text("begin with what to find")
        expect(page.locator(".chips li.bad")).to_have_text("-power×")
        page.get_by_role("button", name="Remove -power").click()
        expect(page.locator(".tried li")).to_have_count(2)
        assert "t=robot+navigation&t=robot+grasping" in str(
            page.get_by_role("link", name="Share this set").get_attribute("href")
        )

    def test_a_bad_topic_is_answered_beside_its_field_and_nothing_is_lost(
        self, site: str, visitor: Any
    ) -> None:
        page = visitor
        page.goto(f"{site}/subscribe/")
        page.get_by_label("Email address").fill(ADDRESS)
        type_topics(page, "Topics", "-power", "RAG")
        page.get_by_role("button", name="Subscribe").click()
        expect(page.locator(".wrong .errorlist")).to_have_count(1)
        expect(page.get_by_label("Email address")).to_have_value(ADDRESS)
        expect(page.locator("textarea")).to_have_value("-power\nRAG")
        assert not Subscriber.objects.exists()


class TestChips:
    """The line of topics that becomes chips."""

    pytestmark = in_a_browser

    def expect_topics(self, page: Any, *topics: str) -> None:
        expect(page.locator("textarea")).to_have_value("\n".join(topics))

    @pytest.fixture
    def line(self, site: str, page: Any) -> Any:
        page.goto(f"{site}/subscribe/")
        return page.get_by_label("Topics", exact=True)

    def test_a_comma_or_enter_ends_a_topic_but_not_within_quotes(
        self, line: Any, page: Any
    ) -> None:
        line.press_sequentially('RAG,author:"LeCun, Yann",agents')
        line.press("Enter")
        self.expect_topics(page, "RAG", 'author:"LeCun, Yann"', "agents")
        expect(page.locator(".chips li")).to_have_count(3)

    @pytest.mark.thorough
    def test_backspace_takes_the_last_topic_away_and_a_button_any(
        self, line: Any, page: Any
    ) -> None:
        line.press_sequentially("RAG,agents,robots,")
        line.press("Backspace")
        page.get_by_role("button", name="Remove RAG").click()
        self.expect_topics(page, "agents")

    def test_what_stands_in_the_line_is_sent_too_and_no_topic_twice(
        self, line: Any, page: Any
    ) -> None:
        line.press_sequentially("RAG,rag,RAGs,Rag,half typed")
        self.expect_topics(page, "RAG", "rag", "half typed")

    @pytest.mark.thorough
    def test_a_pasted_list_becomes_chips(self, line: Any, page: Any) -> None:
        line.evaluate(
            """(line) => {
                const clipboardData = new DataTransfer();
                clipboardData.setData("text", "RAG\\nworld model, agents");
                line.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true}));
            }"""
        )
        self.expect_topics(page, "RAG", "world model", "agents")

    def test_the_box_says_what_will_come(self, site: str, page: Any) -> None:
        make_paper(news_at=timezone.now())
        page.goto(site)
        page.get_by_label("Topics", exact=True).press_sequentially("RAG,-power,agents,")
        promise = page.locator("[data-promise]")
        expect(page.locator(".chips li.bad")).to_have_text("-power×")
        expect(promise).to_contain_text("at most 10 papers on RAG, agents.")


class TestEveryPage:
    pytestmark = [*in_a_browser, pytest.mark.long]

    @pytest.mark.parametrize("part", range(PARTS))
    def test_of_each_kind_one_is_open_to_all_asks_nothing_from_elsewhere_and_fits(
        self, site: str, browser: Any, part: int
    ) -> None:
        shelves = fill_the_shelves()
        addresses = [*shelves.public, *shelves.signed, shelves.mails[0]]
        of_kinds = list({find_view(address): address for address in addresses}.values())
        answers = list({find_template(one[1]): one for one in answers_to_forms(shelves)}.values())
        expect = self.expect_open_on_a_phone_in_the_dark
        self.look_at_pages(
            site, browser, shelves, of_kinds[part::PARTS], answers[part::PARTS], expect
        )

    @pytest.mark.thorough
    @pytest.mark.parametrize("part", range(PARTS))
    def test_is_open_to_all_asks_nothing_from_elsewhere_and_fits_its_window(
        self, site: str, browser: Any, part: int
    ) -> None:
        shelves = fill_the_shelves()
        addresses = [*shelves.public, *shelves.signed, shelves.mails[0]]
        answers = list(answers_to_forms(shelves))
        self.look_at_pages(
            site,
            browser,
            shelves,
            addresses[part::PARTS],
            answers[part::PARTS],
            self.expect_open_to_all,
        )

    def look_at_pages(
        self,
        site: str,
        browser: Any,
        shelves: Shelves,
        addresses: list[str],
        answers: list[tuple[str, Any]],
        expect_open: Callable[..., None],
    ) -> None:
        """Each by its address, and each that no address leads to as a form's answer."""
        context = browser.new_context(reduced_motion="reduce")
        asked: list[str] = []
        said: list[str] = []
        context.add_init_script(Axe().axe_script)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        for address in addresses:
            page.goto(f"{site}{address}")
            expect_open(page, address, address in shelves.mails)
        for n, (name, answer) in enumerate(answers):
            show(page, f"{site}/answers/{n}", answer)
            expect_open(page, name)
        assert {urlsplit(url).netloc for url in asked} == {urlsplit(site).netloc}
        assert not [line for line in said if "Content Security Policy" in line]
        kept = {(one["name"], one["path"]) for one in context.cookies()}
        assert kept <= {(known_browsers.COOKIE, "/preferences/")}
        context.close()

    def expect_open_on_a_phone_in_the_dark(
        self, page: Any, name: str, is_mail: bool = False
    ) -> None:
        """By all rules of axe; of a mail but for the size of what is pressed."""
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 375, "height": 800})
        options = {"rules": {"target-size": {"enabled": not is_mail}}}
        assert page.evaluate(WHAT_AXE_FINDS, options) == [], name
        self.expect_it_fits(page, name)

    def expect_it_fits(self, page: Any, name: str) -> None:
        for width in (375, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    def expect_open_to_all(self, page: Any, name: str, is_mail: bool = False) -> None:
        """By all rules of axe in the light; in the dark and on a phone by those that can differ."""
        assert page.evaluate(WHAT_AXE_FINDS, {}) == [], name
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 375, "height": 800})
        rules = ["color-contrast"] if is_mail else ["color-contrast", "target-size"]
        assert page.evaluate(WHAT_AXE_FINDS, {"runOnly": rules}) == [], f"{name}, dark and narrow"
        self.expect_it_fits(page, name)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 800})

    def test_can_be_walked_by_keyboard_from_the_first_key(self, site: str, page: Any) -> None:
        for n in range(2):
            make_paper(news_at=timezone.now(), trend=2 - n, title=f"Paper {'AB'[n]}")
        page.goto(site)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")
        focus = page.locator(":focus")
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(focus).to_have_text("Paper B")
        page.keyboard.press("k")
        expect(focus).to_have_text("Paper A")
        page.keyboard.press("/")
        expect(focus).to_have_attribute("name", "q")
        page.keyboard.type("/j")
        expect(focus).to_have_value("/j")

    def test_a_paper_opens_to_its_abstract_and_authors_without_a_script(
        self, site: str, browser: Any
    ) -> None:
        fill_the_shelves()
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(site)
        entry = page.locator(".entry").first
        expect(entry.locator(".whole p")).to_be_hidden()
        entry.locator(".whole summary").click()
        expect(entry.locator(".whole p")).to_be_visible()
        expect(entry.locator(".excerpt")).to_be_hidden()
        entry.get_by_text("and 2 more").click()
        expect(entry.get_by_text("Dan Dahl, Eva Ek")).to_be_visible()
        context.close()


@pytest.mark.django_db
def test_a_fault_of_ours_is_answered_in_the_houses_style(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(period_papers, "find_newest_day", broken)
    client.raise_request_exception = False
    answer = client.get("/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Something broke on our side" in page
    assert "secret detail" not in page
    assert "/static/offprint.css" in page


@pytest.mark.parametrize(
    ("address", "status"), [("/subscribe/", 403), ("/nothing/", 404), ("/admin/login/", 403)]
)
@pytest.mark.django_db
def test_a_refusal_says_what_to_do_next(address: str, status: int) -> None:
    stranger = Client(enforce_csrf_checks=True, headers={"Origin": "https://evil.example"})
    answer = stranger.post(address, {})
    page = answer.content.decode()
    assert answer.status_code == status
    assert 'class="lead"' in page
    assert "!" not in page.replace("<!doctype", "")


@contextmanager
def a_database_that_refuses_writes() -> Iterator[None]:
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            connection.check_constraints()  # what was written before is settled first
            cursor.execute("SET TRANSACTION READ ONLY")
            yield
            return
        cursor.execute("PRAGMA query_only = ON")
        try:
            yield
        finally:
            cursor.execute("PRAGMA query_only = OFF")


def look_at(client: Client, method: str, addresses: Iterable[str]) -> None:
    for address in addresses:
        answer = getattr(client, method)(address)
        assert answer.status_code < 500, address
        assert_no_cookie_but_a_readers(answer.cookies, address)


def assert_no_cookie_but_a_readers(cookies: Any, address: str) -> None:
    """The one that says since when a browser has a reader's links goes to the preferences alone."""
    assert set(cookies) <= {known_browsers.COOKIE}, address
    assert all(cookie["path"] == "/preferences/" for cookie in cookies.values()), address


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", pytest.param("head", marks=pytest.mark.thorough)])
def test_no_page_writes_when_it_is_only_looked_at(
    client: Client, method: str, settings: Any
) -> None:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    shelves = fill_the_shelves()
    with a_database_that_refuses_writes():
        look_at(client, method, shelves.all)
        with pytest.raises(DatabaseError), transaction.atomic():
            Subscriber.objects.update(max_papers=1)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", pytest.param("head", marks=pytest.mark.thorough)])
def test_no_link_of_any_mail_writes_when_it_is_only_followed(
    client: Client, method: str, settings: Any
) -> None:
    settings.EMAIL_BACKEND = settings.OUTBOX_BACKEND
    fill_the_shelves()
    reader = make_reader("world model")
    request_link(reader.email, timezone.now())
    opt_in.request_confirmation("new@example.net", Wishes(["RAG"]), timezone.now())
    tasks.send_pending_confirmations()
    assert send_links.send_asked_links(timezone.now()) == 3
    first_digest(reader.pk)
    deliver_first(reader.pk)
    followed: set[str] = set()
    with a_database_that_refuses_writes():
        for letter in read_outbox(settings.OUTBOX_DIR):
            parts = read_mail(settings.OUTBOX_DIR, letter.name)
            assert parts is not None
            said = f"{parts.text} {unescape(parts.html)} {dict(parts.headers)}"
            found = set(re.findall(rf"{settings.SITE_URL}(/[^\s\"<>']*)", said))
            look_at(client, method, found)
            followed |= {link.split("/")[1] for link in found}
    pages = {"confirm", "preferences", "unsubscribe", "account", "move", "move-back"}
    assert pages | {"feedback", "paper"} <= followed
