"""Tokens, webhooks, lists of people and feeds: for those who may, by keyboard, and read aloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from digest.models import ManagementToken, Source
from digest.models.webhooks import SECRET_PREFIX
from digest.roles import ship_roles
from subscribers.lists.import_runs import run_imports
from subscribers.models import ListImport, SiteLook, Subscriber
from tests.digest.flight.editions import make_flight
from tests.digest.web.api.manage.asking import make_token
from tests.digest.webhooks.receiver import make_webhook
from tests.factories import make_delivery, make_reader, make_source
from tests.subscribers.admin.test_site import make_png

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SERIOUS = {"serious", "critical"}
PEOPLE = "email,topics\nada@example.org,RAG\n=cmd,RAG\n"
OPML = '<opml version="2.0"><body><outline text="Lab" xmlUrl="https://lab.example.org/f"/></body></opml>'

CELLS_THAT_ARE_CUT = """() => [...document.querySelectorAll("#result_list td, tr.form-row td")]
    .filter((cell) => cell.offsetWidth && (cell.scrollHeight > cell.clientHeight + 1
        || cell.getBoundingClientRect().right > innerWidth - 10))
    .map((cell) => cell.className.match(/field-\\w+|delete/)?.[0])"""


def make_member(role: str) -> User:
    """A member of staff; the groups are gone where a test with a browser ran before."""
    ship_roles()
    user, _ = User.objects.get_or_create(username=role.lower(), is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@contextmanager
def open_as(role: str, browser: Any, url: str, **options: Any) -> Iterator[Any]:
    client = Client()
    client.force_login(make_member(role))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context = browser.new_context(**options)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
    yield context.new_page()
    context.close()


def list_pages() -> list[str]:
    """The new pages, with something on each."""
    operator = make_member("Operator")
    token, _ = make_token(operator)
    make_reader("RAG")
    webhook = make_webhook(failed_at=timezone.now(), last_error="It answered 500.")
    webhook.secret = f"{SECRET_PREFIX}{'W' * 44}"  # the widest there may be
    webhook.save()
    columns = ["email", "topics"]
    row = ListImport.objects.create(
        name="people.csv",
        by="ada",
        columns=columns,
        text=PEOPLE,
        lines=2,
        created_at=timezone.now(),
    )
    run_imports(timezone.now())
    return [
        *(reverse(f"admin:digest_managementtoken_{page}") for page in ("changelist", "add")),
        reverse("admin:digest_managementtoken_change", args=[token.pk]),
        *(reverse(f"admin:digest_webhook_{page}") for page in ("changelist", "add")),
        reverse("admin:digest_webhook_change", args=[webhook.pk]),
        reverse("admin:subscribers_subscriber_import"),
        reverse("admin:subscribers_subscriber_list", args=[row.pk]),
        reverse("admin:subscribers_subscriber_changelist"),
        reverse("admin:digest_source_opml_upload"),
        reverse("admin:digest_source_changelist"),
    ]


def everyday_pages() -> list[str]:
    """What an operator looks at and presses on most days."""
    delivery = make_delivery(status="sent", sent_at=timezone.now())
    flight = make_flight(delivery.edition, state="held", held_in="canary", reason="Bounces.")
    person = {"id": delivery.subscriber_id}
    return [
        reverse("admin:index"),
        reverse("admin:subscribers_subscriber_change", args=[person["id"]]),
        *(f"{act_page(name)}?{urlencode(person)}" for name in ("pause", "delete")),
        reverse("admin:digest_delivery_changelist"),
        reverse("admin:digest_delivery_change", args=[delivery.pk]),
        reverse("admin:digest_edition_changelist"),
        reverse("admin:digest_edition_change", args=[flight.pk]),
        reverse("admin:digest_edition_release", args=[flight.pk]),
        reverse("admin:digest_source_add"),
        reverse("admin:digest_source_change", args=[make_source().pk]),
        reverse("second_step_set_up"),
    ]


def act_page(name: str) -> str:
    return reverse("admin:subscribers_subscriber_act", args=[name])


def find_faults(page: Any, address: str) -> list[str]:
    """What axe calls serious, and whether the page is wider than its window."""
    assert page.goto(address).status == 200, address
    report = Axe().run(page).response["violations"]
    wrong = [one["id"] for one in report if one["impact"] in SERIOUS]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append("wider than the window")
    return wrong


@pytest.mark.parametrize(
    ("make_pages", "scheme", "width"),
    [
        (list_pages, "light", 1280),
        (everyday_pages, "dark", 375),
        pytest.param(list_pages, "dark", 375, marks=pytest.mark.thorough),
        pytest.param(everyday_pages, "light", 1280, marks=pytest.mark.thorough),
    ],
)
def test_the_pages_of_operators_pass_axe_and_fit(
    make_pages: Callable[[], list[str]], scheme: str, width: int, browser: Any, live_server: Any
) -> None:
    pages = make_pages()
    viewport = {"width": width, "height": 900}
    options = {"viewport": viewport, "color_scheme": scheme, "bypass_csp": True}
    with open_as("Operator", browser, live_server.url, **options) as page:
        faults = {one: find_faults(page, f"{live_server.url}{one}") for one in pages}
    assert {one: wrong for one, wrong in faults.items() if wrong} == {}


def test_on_a_phone_nothing_of_a_list_or_of_a_persons_topics_is_cut(
    browser: Any, live_server: Any
) -> None:
    pages = [one for one in list_pages() if one.endswith("token/")]
    pages.append(reverse("admin:subscribers_subscriber_change", args=[Subscriber.objects.get().pk]))
    with open_as(
        "Operator", browser, live_server.url, viewport={"width": 375, "height": 900}
    ) as page:
        for address in pages:
            page.goto(f"{live_server.url}{address}")
            page.locator("#result_list td, .select2-container").first.wait_for()
            assert page.evaluate(CELLS_THAT_ARE_CUT) == [], address


@pytest.mark.parametrize("width", [375, 1280])
def test_without_a_script_lists_are_searched_filtered_and_led_on_from(
    browser: Any, live_server: Any, width: int
) -> None:
    make_reader("RAG", email="ada@example.org")
    options = {"java_script_enabled": False, "viewport": {"width": width, "height": 800}}
    with open_as("Operator", browser, live_server.url, **options) as page:
        page.set_default_timeout(20_000)
        page.goto(f"{live_server.url}/admin/subscribers/subscriber/")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # A press is refused where anything lies over the link.
        page.get_by_role("link", name="Once a week, on Monday").click()
        page.get_by_text("0 subscribers", exact=True).wait_for()
        page.get_by_role("link", name="Every day").click()
        page.get_by_role("link", name="ada@example.org").click()
        page.wait_for_url("**/change/**")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("was changed successfully").wait_for()


@pytest.mark.parametrize("role", ["Editor", "Reader"])
def test_others_see_what_they_may_and_nothing_leads_them_further(
    role: str, browser: Any, live_server: Any
) -> None:
    pages = list_pages()
    open_to = {reverse("admin:digest_source_changelist")}
    if role == "Editor":
        open_to.add(reverse("admin:digest_source_opml_upload"))
    with open_as(role, browser, live_server.url, bypass_csp=True) as page:
        statuses = {one: page.goto(f"{live_server.url}{one}").status for one in pages}
        assert {one for one, status in statuses.items() if status == 200} == open_to
        assert set(statuses.values()) <= {200, 403}
        assert {one: find_faults(page, f"{live_server.url}{one}") for one in sorted(open_to)} == {
            one: [] for one in open_to
        }
        page.goto(f"{live_server.url}{reverse('admin:digest_source_changelist')}")
        assert page.get_by_role("link", name="Bring in OPML").count() == (role == "Editor")
        for name in ("API tokens", "Webhooks"):
            assert page.get_by_role("link", name=name).count() == 0


def test_an_operator_makes_a_token_and_brings_in_people_and_feeds_by_keyboard_alone(
    browser: Any, live_server: Any, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "mine.opml").write_text(OPML)
    with open_as("Operator", browser, live_server.url) as page:
        page.goto(live_server.url + reverse("admin:digest_managementtoken_add"))
        page.get_by_label("Name").focus()
        page.keyboard.type("nightly sync")
        page.get_by_label("See subscribers").focus()
        page.keyboard.press("Space")
        page.get_by_label("Name").press("Enter")
        assert page.get_by_label("nightly sync").input_value().startswith("offprint_")
        page.set_viewport_size({"width": 375, "height": 800})
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert ManagementToken.objects.get().scopes == ["subscribers:read"]

        page.goto(live_server.url + reverse("admin:subscribers_subscriber_changelist"))
        page.get_by_role("link", name="Bring in a list").press("Enter")
        page.get_by_label("File").set_input_files(tmp_path / "people.csv")
        page.get_by_role("button", name="Try it").press("Enter")
        page.wait_for_selector("progress")
        run_imports(timezone.now())
        page.reload()
        page.get_by_role("button", name="Bring in 2 lines").press("Enter")
        page.wait_for_selector("text=This list is brought in.")
        run_imports(timezone.now())
        assert Subscriber.objects.get().email == "ada@example.org"

        page.goto(live_server.url + reverse("admin:digest_source_opml_upload"))
        page.get_by_label("File").set_input_files(tmp_path / "mine.opml")
        page.get_by_role("button", name="Add its feeds").press("Enter")
        page.wait_for_selector("text=1 added")
        assert Source.objects.filter(title="Lab").exists()


def test_what_visitors_would_see_is_previewed_and_only_then_saved(
    browser: Any, live_server: Any, tmp_path: Path
) -> None:
    (tmp_path / "logo.png").write_bytes(make_png(40, 64))
    with open_as("Operator", browser, live_server.url) as page:
        broken: list[str] = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(live_server.url + reverse("admin:subscribers_sitelook_add"))
        page.get_by_label("Name").fill("Lab papers")
        page.get_by_role("button", name="Preview").press("Enter")
        page.frame_locator("iframe").get_by_text("Lab papers").first.wait_for()
        assert not SiteLook.objects.exists()
        page.locator("input[type=file]").set_input_files(tmp_path / "logo.png")
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url("**/change/**")
        assert bytes(SiteLook.objects.get().logo or b"").startswith(b"\x89PNG")
        assert broken == []


def test_an_account_fits_its_window(browser: Any, live_server: Any) -> None:
    boss = make_member("Operator")
    boss.is_superuser = True
    boss.save()
    with open_as("Operator", browser, live_server.url) as page:
        for width in (1280, 375):
            page.set_viewport_size({"width": width, "height": 800})
            address = reverse("admin:auth_user_change", args=[boss.pk])
            assert find_faults(page, live_server.url + address) == []
