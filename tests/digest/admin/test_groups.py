"""Who may open each page of the admin and do each thing there, by the groups that are shipped.

The addresses come from the URL resolver and the actions from the registry: one that has no rule
here makes a test fail, until somebody has said who may.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from digest.models import Edition, Paper, Source
from digest.roles import ROLES, ship_roles
from subscribers.admin.acts import ACTS
from subscribers.models import Subscriber
from tests.digest.admin.pages import make_everything
from tests.digest.flight.editions import make_flight

pytestmark = pytest.mark.django_db
EVERYBODY, NOBODY = "", "nobody"
PLAIN = ("changelist", "add", "change", "delete", "history")
# Pages of ours beside those that Django makes of a model, and the permission that each asks for.
OWN_PAGES = {
    "digest_edition_hold": "digest.change_edition",
    "digest_edition_release": "digest.change_edition",
    "digest_edition_follow": "digest.change_edition",
    "digest_edition_test_alarm": "digest.change_edition",
    "digest_edition_figures": "digest.view_edition",
    "subscribers_subscriber_act": "subscribers.change_subscriber",
    "subscribers_subscriber_next": "subscribers.view_subscriber",
    "subscribers_subscriber_next_mail": "subscribers.view_subscriber",
    "subscribers_subscriber_why": "subscribers.view_subscriber",
    "subscribers_subscriber_again": "subscribers.change_subscriber",
    "auth_user_password_change": "auth.change_user",
    "subscribers_sitelook_preview": "subscribers.change_sitelook",
    "digest_source_opml": "digest.view_source",
    "digest_source_opml_upload": "digest.add_source",
    "digest_source_act": "digest.change_source",
    "digest_webhook_test": "digest.change_webhook",
    "subscribers_subscriber_import": "subscribers.add_subscriber",
    "subscribers_subscriber_example": "subscribers.add_subscriber",
    "subscribers_subscriber_list": "subscribers.add_subscriber",
    "subscribers_subscriber_rejects": "subscribers.add_subscriber",
    "subscribers_subscriber_export": "subscribers.change_subscriber",
}
# Of Django and unfold: they show nothing of a model, or only what the member of staff may see.
OPEN_PAGES = {
    *("index", "login", "logout", "password_change", "password_change_done", "autocomplete"),
    *("jsi18n", "view_on_site", "app_list", "search", "toggle_sidebar"),
}
# What the pipeline writes is only looked at, whatever somebody may do.
READ_ONLY = {
    *("digest.paper", "digest.entry", "digest.snapshot", "digest.match", "digest.edition"),
    *("digest.delivery", "digest.providerevent", "admin.logentry"),
    "axes.accesslog",
}
POSTED = {
    "digest_edition_test_alarm",
    "subscribers_sitelook_preview",
    "digest_source_act",
    "digest_webhook_test",
    "subscribers_subscriber_export",
}  # a button without a page
# What an address needs beside its name, where that is no row of its model.
GIVEN: dict[str, list[Any]] = {
    "digest_edition_test_alarm": [],
    "digest_edition_figures": [],
    "subscribers_sitelook_preview": [],
    "digest_source_opml": [],
    "digest_source_opml_upload": [],
    "digest_webhook_test": [0],
    "subscribers_subscriber_import": [],
    "subscribers_subscriber_example": [],
    "subscribers_subscriber_export": ["csv"],
}
ONLY_DELETED = {"digest.domainpause", "axes.accessattempt"}  # neither added nor changed
ACTS_IN_BULK = (
    *("resend", "link", "end_links", "pause", "resume", "unsubscribe", "restore"),
    *("suppress", "lift", "export"),
)
ACTIONS = {
    "ask_now": "digest.change_source",
    "stop": "digest.change_source",
    "look_again": "digest.change_delivery",
    "settle_as_sent": "digest.change_delivery",
    "mail_again": "digest.change_delivery",
    "delete": "subscribers.delete_subscriber",
} | dict.fromkeys(ACTS_IN_BULK, "subscribers.change_subscriber")
# One name for two things: sources are resumed by others than subscribers are.
ACTIONS_OF = {("digest.source", "resume"): "digest.change_source"}
OF_A_ROLE = sorted(ROLES)


@pytest.fixture
def members() -> dict[str, User]:
    """A member of staff of each group, and one of none."""
    made = {}
    for name in [*OF_A_ROLE, NOBODY]:
        made[name] = User.objects.create_user(name.lower(), f"{name}@example.org", is_staff=True)
        if name != NOBODY:
            made[name].groups.add(Group.objects.get(name=name))
    return made


def list_patterns(resolver: URLResolver | None = None) -> Iterator[str]:
    """The names of all addresses below /admin/ that belong to the admin itself."""
    root = resolver or next(
        one
        for one in get_resolver().url_patterns
        if isinstance(one, URLResolver) and one.namespace == "admin"
    )
    for one in root.url_patterns:
        if isinstance(one, URLResolver):
            yield from list_patterns(one)
        elif isinstance(one, URLPattern) and one.name:
            yield one.name


def name_models() -> dict[str, Any]:
    return {f"{m._meta.app_label}_{m._meta.model_name}": m for m in admin.site._registry}


def find_rule(name: str) -> str | None:
    """The permission that a page asks for, EVERYBODY or NOBODY; None where nobody has said."""
    if name in OPEN_PAGES:
        return EVERYBODY
    if name in OWN_PAGES:
        return OWN_PAGES[name]
    model, _, page = name.rpartition("_")
    if model not in name_models() or page not in PLAIN:
        return None
    app, _, label = model.partition("_")
    is_fixed = f"{app}.{label}" in READ_ONLY
    if model == "subscribers_sitelook" and page in ("add", "delete"):
        return "subscribers.change_sitelook" if page == "add" else NOBODY
    if page in ("changelist", "change", "history"):
        return f"{app}.view_{label}"
    if is_fixed or (page == "add" and f"{app}.{label}" in ONLY_DELETED):
        return NOBODY
    return f"{app}.{page}_{label}"


def test_every_page_of_the_admin_has_a_rule() -> None:
    names = set(list_patterns())
    assert {f"{model}_changelist" for model in name_models()} <= names
    assert {name for name in names if find_rule(name) is None} == set()
    assert set(OWN_PAGES) <= names, "a rule for a page that is gone"


def find_address(name: str, rows: dict[str, Any]) -> str | None:
    """Where the page is, for a row that is there; None where the model has none here."""
    if name in GIVEN:
        return reverse(f"admin:{name}", args=GIVEN[name])
    if name == "digest_source_act":
        source = Source.objects.order_by("pk").first()
        return reverse(f"admin:{name}", args=[source.pk if source else 0, "ask_now"])
    if name == "subscribers_subscriber_act":
        return f"{reverse(f'admin:{name}', args=['pause'])}?id={rows['subscriber'].pk}"
    if name == "subscribers_subscriber_again":
        return reverse(f"admin:{name}", args=[rows["subscriber"].pk, rows["delivery"].pk])
    if name.startswith("digest_edition_") and name in OWN_PAGES:
        return reverse(f"admin:{name}", args=[rows["edition"].pk])
    if name.startswith("subscribers_subscriber_") and name in OWN_PAGES:
        return reverse(f"admin:{name}", args=[rows["subscriber"].pk])
    if name == "auth_user_password_change":
        return reverse(f"admin:{name}", args=[User.objects.order_by("pk").first().pk])  # type: ignore[union-attr]
    model, _, page = name.rpartition("_")
    if page in ("changelist", "add"):
        return reverse(f"admin:{name}")
    row = name_models()[model]._default_manager.order_by("pk").first()
    return reverse(f"admin:{name}", args=[row.pk]) if row else None


@pytest.mark.parametrize("role", [*OF_A_ROLE, NOBODY])
def test_a_page_opens_for_those_who_may_see_it_and_for_nobody_else(
    role: str, members: dict[str, User], client: Client
) -> None:
    delivery = make_everything()
    make_flight(delivery.edition)
    rows = {
        "delivery": delivery,
        "edition": delivery.edition,
        "subscriber": delivery.subscriber,
    }
    client.force_login(members[role])
    allowed = ROLES.get(role, frozenset())
    wrong = {}
    for name in sorted(set(list_patterns()) - OPEN_PAGES):
        rule, address = find_rule(name), find_address(name, rows)
        if address is None:
            continue
        ask = client.post if name in POSTED else client.get
        status = ask(address).status_code
        may = rule == EVERYBODY or rule in allowed or _may_by_change(name, allowed)
        # What is there may still have something in its way, and says so: 404, 405 or a way back.
        if (status == 403) is may and not _is_kept(name, status):
            wrong[name] = (rule, status)
    assert wrong == {}


def _may_by_change(name: str, allowed: frozenset[str]) -> bool:
    """Whoever may see any of the figures is told these."""
    of_figures = {"digest.view_source", "subscribers.view_topic", "subscribers.view_subscriber"}
    return name == "digest_edition_figures" and bool(of_figures & allowed)


def _is_kept(name: str, status: int) -> bool:
    """A row that others refer to is not deleted, by whomever."""
    is_referred_to = name in ("digest_source_delete", "subscribers_topic_delete")
    return status == 403 and is_referred_to


def test_every_action_has_a_rule_and_is_offered_to_those_who_may(
    members: dict[str, User], rf: RequestFactory
) -> None:
    request: Any = rf.get("/admin/")
    request.user = User.objects.create_superuser("ada", "", "x")
    offered = {m: set(one.get_actions(request)) for m, one in admin.site._registry.items()}
    of_ours = {
        action
        for model, actions in offered.items()
        if model._meta.app_label in ("digest", "subscribers")
        for action in actions - {"delete_selected"}
    }
    assert of_ours == set(ACTIONS)
    for role in OF_A_ROLE:
        request.user = members[role]
        for model, one in admin.site._registry.items():
            if not one.has_view_permission(request):
                continue
            found = set(one.get_actions(request)) - {"delete_selected"}
            if model._meta.app_label in ("digest", "subscribers"):
                label = model._meta.label_lower
                rules = {
                    name: ACTIONS_OF.get((label, name), ACTIONS[name])
                    for name in offered[model] - {"delete_selected"}
                }
                mine = {name for name, rule in rules.items() if rule in ROLES[role]}
                assert found == mine, (role, model)


@pytest.mark.parametrize("act", sorted(ACTS))
def test_no_act_for_a_subscriber_is_done_by_whoever_may_not(
    act: str, members: dict[str, User], client: Client
) -> None:
    subscriber = make_everything().subscriber
    before = Subscriber.objects.filter(pk=subscriber.pk).values().get()
    url = f"{reverse('admin:subscribers_subscriber_act', args=[act])}?id={subscriber.pk}"
    for role in ("Editor", "Reader", NOBODY):
        client.force_login(members[role])
        assert client.get(url).status_code == 403
        assert client.post(url, {"id": subscriber.pk}).status_code == 403
    assert Subscriber.objects.filter(pk=subscriber.pk).values().get() == before


@pytest.mark.parametrize("role", OF_A_ROLE)
def test_what_one_may_not_see_is_not_shown(
    role: str, members: dict[str, User], client: Client
) -> None:
    delivery = make_everything()
    client.force_login(members[role])
    page = client.get("/admin/").content.decode()
    for name, model in name_models().items():
        app, _, label = name.partition("_")
        is_linked = f'href="{reverse(f"admin:{name}_changelist")}' in page
        if f"{app}.view_{label}" not in ROLES[role]:
            assert not is_linked, (role, model)
    assert f'href="{reverse("admin:digest_source_changelist")}"' in page
    for model in (Source, Paper, Edition):
        row = model._default_manager.order_by("pk").first()
        address = reverse(f"admin:digest_{model._meta.model_name}_change", args=[row.pk])
        shown = client.get(address).content.decode()
        assert delivery.subscriber.email not in shown


def test_an_editor_and_a_reader_see_no_address_of_anybody() -> None:
    of_people = ("subscriber", "suppression", "delivery", "providerevent", "logentry", "user")
    for role in ("Editor", "Reader"):
        assert not [one for one in ROLES[role] if one.endswith(tuple(f"_{x}" for x in of_people))]
    assert ROLES["Reader"] < ROLES["Editor"] < ROLES["Operator"]


def test_every_permission_of_a_role_is_there() -> None:
    for name, permissions in ROLES.items():
        assert Group.objects.get(name=name).permissions.count() == len(permissions), name


def test_a_migration_makes_the_groups_what_they_are_and_leaves_others_alone() -> None:
    Group.objects.get(name="Reader").permissions.clear()
    own = Group.objects.create(name="Of the lab")
    ship_roles()
    assert Group.objects.get(name="Reader").permissions.count() == len(ROLES["Reader"])
    assert own.permissions.count() == 0


def test_what_is_shipped_cannot_be_changed_in_the_admin(admin_client: Client) -> None:
    shipped, own = Group.objects.get(name="Editor"), Group.objects.create(name="Of the lab")
    for group, is_open in ((shipped, False), (own, True)):
        page = admin_client.get(reverse("admin:auth_group_change", args=[group.pk]))
        assert ('name="_save"' in page.content.decode()) is is_open


def test_a_colleague_gets_an_account_and_a_role_on_one_page(admin_client: Client) -> None:
    page = admin_client.get("/admin/auth/user/add/").content.decode()
    assert "LDAP" not in page  # there is no other way in
    word = "a long word of hers"
    posted = {"username": "ada", "email": "ada@lab.example", "password1": word, "password2": word}
    role = Group.objects.get(name="Reader")
    admin_client.post("/admin/auth/user/add/", posted | {"groups": [role.pk]})
    ada = User.objects.get(username="ada")
    assert (ada.is_staff, ada.is_superuser, ada.email) == (True, False, "ada@lab.example")
    assert list(ada.groups.all()) == [role]
    assert ada.check_password(word)
    hers = Client()
    hers.force_login(ada)
    assert hers.get("/admin/digest/source/").status_code == 200
    assert hers.get("/admin/subscribers/subscriber/").status_code == 403


@pytest.mark.parametrize("of_what", ["user", "group"])
def test_a_right_to_change_accounts_is_no_way_to_all_the_others(
    client: Client, of_what: str
) -> None:
    helper = User.objects.create_user("helper", "", "word", is_staff=True)
    rights = Permission.objects.filter(content_type__app_label="auth")
    helper.user_permissions.set(rights.filter(content_type__model=of_what))
    client.force_login(helper)
    row = helper if of_what == "user" else Group.objects.get(name="Reader")
    page = f"/admin/auth/{of_what}/{row.pk}"
    posted = {"username": "helper", "name": "Reader", "is_active": "on", "is_staff": "on"}
    posted |= {"is_superuser": "on", "date_joined_0": "2026-04-22", "date_joined_1": "08:00:00"}
    everything = {"permissions": [one.pk for one in Permission.objects.all()]}
    before = list(Group.objects.values_list("permissions"))
    assert client.get(f"{page}/change/").status_code == 200  # who may view it sees it still
    for form in (f"{page}/change/", f"{page}/delete/", f"/admin/auth/{of_what}/add/"):
        assert client.post(form, posted | everything).status_code == 403
    assert not User.objects.filter(is_superuser=True).exists()
    assert list(Group.objects.values_list("permissions")) == before
