"""Public pages run nothing inline and load nothing from elsewhere; the admin may do more."""

import pytest
from django.test import Client


def test_a_public_page_allows_our_own_files_and_nothing_inline(client: Client) -> None:
    policy = client.get("/subscribe/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.django_db
def test_the_admin_may_style_itself_but_loads_nothing_from_elsewhere(client: Client) -> None:
    policy = client.get("/admin/login/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "http" not in policy


def test_even_what_does_not_exist_carries_the_policy(client: Client) -> None:
    assert "unsafe" not in client.get("/nothing/")["Content-Security-Policy"]
