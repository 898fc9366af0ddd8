"""What is looked at before any mail of an edition leaves, and every hour while it grows."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import Error
from django.utils.translation import gettext as _

from digest.flight.history import compare_with_earlier
from digest.flight.mail_checks import (
    find_dead_links,
    find_mail_faults,
    list_links,
    read_html,
    read_papers,
)
from digest.models import Delivery, Edition
from digest.models.contents import list_paper_ids
from digest.render import Typesetter

logger = logging.getLogger(__name__)

SAMPLE = 20  # mails that are rendered: half of the oldest that wait, half of the newest
# A mail whose papers were all deleted, or whose row is broken, fails alone. So many of the sample,
# and at least FEWEST_UNSET, speak against the edition.
MOST_UNSET_SHARE, FEWEST_UNSET = 0.2, 5


def find_faults(edition: Edition, now: datetime) -> list[str]:
    """What speaks against letting the edition leave, as sentences; none where all is well.

    Reads only. Raises what the database raises; any other error speaks against the edition too.
    """
    try:
        return [*_check_mails(_choose_sample(edition)), *compare_with_earlier(edition, now)]
    except Error:
        raise
    except Exception as error:
        logger.exception("The edition of %s could not be checked.", edition.date)
        return [
            _("Its mails could not be checked (%(error)s): the log says why.")
            % {"error": type(error).__name__}
        ]


def _choose_sample(edition: Edition) -> list[Delivery]:
    planned = Delivery.objects.planned().filter(edition=edition)
    planned = planned.select_related("subscriber", "edition")
    oldest = list(planned.order_by("edition_id", "pk")[: SAMPLE // 2])
    newest = list(planned.order_by("-edition_id", "-pk")[: SAMPLE // 2])
    return list({one.pk: one for one in (*oldest, *newest)}.values())


def _check_mails(sample: list[Delivery]) -> list[str]:
    papers = read_papers(sample)
    faults: list[str] = []
    links: list[str] = []
    unset = 0
    for delivery, mail in zip(sample, Typesetter().render_each(sample), strict=True):
        if mail is None:
            unset += 1
            continue
        own = [papers[pk] for pk in list_paper_ids(delivery.contents) if pk in papers]
        faults += find_mail_faults(delivery, mail, own)
        links += list_links(read_html(mail))
    if unset >= max(FEWEST_UNSET, MOST_UNSET_SHARE * len(sample)):
        faults.append(
            _("%(unset)s of %(count)s mails could not be rendered: the log says why.")
            % {"unset": unset, "count": len(sample)}
        )
    return list(dict.fromkeys([*faults, *find_dead_links(links)]))
