"""Lists of the admin say in words what they are, what filters filter, and whose row is ticked."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client

from subscribers.admin.lists import NamedList
from tests.digest.admin.pages import address, make_everything, text

pytestmark = pytest.mark.django_db


def test_every_list_is_headed_as_in_the_sidebar(admin_client: Client) -> None:
    make_everything()
    front = text(admin_client.get("/admin/"))  # its addresses say which models have pages
    for model in admin.site._registry:
        name = read_link(front, address(model))
        page = admin_client.get(address(model))
        if name and page.status_code == 200:
            heading = text(page).partition("<h1")[2].partition("</h1>")[0]
            said = " ".join(re.sub(r"<[^>]*>", " ", heading.partition(">")[2]).split())
            assert said == name
            assert f"{name} | Offprint" in re.findall(r"<title>\s*(.*?)</title>", text(page))


def read_link(page: str, to: str) -> str:
    found = re.search(rf'<a href="{to}"[^>]*>(.*?)</a>', page, re.DOTALL)
    words = re.findall(r"<span[^>]*>([^<]*)</span>", found[1]) if found else []
    return words[-1].strip() if words else ""


def test_every_filter_says_in_words_what_it_filters_by(admin_client: Client) -> None:
    make_everything()
    admin_client.get("/admin/")  # its addresses say which models have pages
    for model, one in admin.site._registry.items():
        if one.list_filter:
            assert isinstance(one, NamedList)
            page = text(admin_client.get(address(model)))
            of_columns = {part[0] if isinstance(part, tuple) else part for part in one.list_filter}
            assert {
                part for part in of_columns if isinstance(part, str)
            } == one.filter_titles.keys()
            titles = re.findall(r"<h3[^>]*>([^<]*)</h3>\s*<ul class=\"filter-choices", page)
            assert not [title for title in titles if len(title.split()) < 2], titles
            assert not re.search(r">\s*By [a-z]", page)


def test_a_tick_says_whose_row_it_is(admin_client: Client) -> None:
    Group.objects.create(name="Night shift")
    page = text(admin_client.get(address(Group)))
    assert 'aria-label="Tick Night shift"' in page
    assert 'aria-label="Select record"' not in page


def test_only_what_was_looked_for_is_counted_beside_the_heading(admin_client: Client) -> None:
    assert "Show all" not in text(admin_client.get(address(User)))
    assert re.search(r"1 found\s+·", text(admin_client.get(address(User), {"q": "admin"})))
