"""How the admin looks, and what stands in its sidebar: a setting, but a long one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def link_to_list(title: StrOrPromise, icon: str, model: str) -> dict[str, Any]:
    """A link in the sidebar; whoever may not see the list does not see the link either."""
    app, name = model.split("_", 1)

    def may_see(request: HttpRequest) -> bool:
        verbs = ("view", "change")
        return any(request.user.has_perm(f"{app}.{verb}_{name}") for verb in verbs)

    link = reverse_lazy(f"admin:{model}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": may_see}


def favicon_url(_request: HttpRequest) -> str:
    return static("favicon.svg")


def stylesheet_url(_request: HttpRequest) -> str:
    return static("offprint-admin.css")


# The admin in the dress of the pages: the same paper, ink and red, light and dark.
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Offprint",
    "SITE_HEADER": mark_safe('Offprint<span class="stop">.</span>'),
    "SITE_URL": "/",
    "SITE_ICON": favicon_url,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": favicon_url}],
    "STYLES": [stylesheet_url],
    "DASHBOARD_CALLBACK": "digest.admin.front_page.add_dashboard",
    "BORDER_RADIUS": "3px",
    "ACCOUNT": {
        "navigation": [
            {"title": _("Second step"), "link": reverse_lazy("second_step_set_up")},
        ],
    },
    "COLORS": {
        "base": {
            "50": "#fcfbf7",
            "100": "#f3f0e8",
            "200": "#e5e1d6",
            "300": "#cfcabd",
            "400": "#a39d91",
            "500": "#7b766b",
            "600": "#57534b",
            "700": "#403c37",
            "800": "#2c2926",
            "900": "#171614",
            "950": "#100f0e",
        },
        "primary": {
            "50": "#fcf4f0",
            "100": "#f8e2da",
            "200": "#f3c9bb",
            "300": "#f2b09d",
            "400": "#f29c83",
            "500": "#f0896f",
            "600": "#a8321a",
            "700": "#8c2915",
            "800": "#6f2011",
            "900": "#52180d",
            "950": "#330f08",
        },
        "font": {
            "subtle-light": "#66625a",
            "subtle-dark": "#a39d91",
            "default-light": "#403c37",
            "default-dark": "#d5d0c5",
            "important-light": "#1d1c1a",
            "important-dark": "#ece8df",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": _("Readers"),
                "separator": True,
                "items": [
                    link_to_list(_("Subscribers"), "group", "subscribers_subscriber"),
                    link_to_list(_("Topics"), "sell", "subscribers_topic"),
                    link_to_list(_("Suppressions"), "block", "subscribers_suppression"),
                ],
            },
            {
                "title": _("Papers"),
                "separator": True,
                "items": [
                    link_to_list(_("Sources"), "rss_feed", "digest_source"),
                    link_to_list(_("Papers"), "article", "digest_paper"),
                    link_to_list(_("Entries"), "list", "digest_entry"),
                    link_to_list(_("Snapshots"), "show_chart", "digest_snapshot"),
                    link_to_list(_("Matches"), "join_inner", "digest_match"),
                ],
            },
            {
                "title": _("Mail"),
                "separator": True,
                "items": [
                    link_to_list(_("Editions"), "calendar_today", "digest_edition"),
                    link_to_list(_("Deliveries"), "mail", "digest_delivery"),
                    link_to_list(_("Provider events"), "rss_feed", "digest_providerevent"),
                    link_to_list(_("Domain pauses"), "pause_circle", "digest_domainpause"),
                ],
            },
            {
                "title": _("Staff"),
                "separator": True,
                "items": [
                    link_to_list(_("What visitors see"), "palette", "subscribers_sitelook"),
                    link_to_list(_("People"), "person", "auth_user"),
                    link_to_list(_("Groups"), "badge", "auth_group"),
                    link_to_list(_("API tokens"), "key", "digest_managementtoken"),
                    link_to_list(_("Webhooks"), "webhook", "digest_webhook"),
                    link_to_list(_("What staff did"), "history", "admin_logentry"),
                    link_to_list(_("Sign-ins"), "login", "axes_accesslog"),
                    link_to_list(_("Refused sign-ins"), "lock", "axes_accessattempt"),
                ],
            },
        ],
    },
}
