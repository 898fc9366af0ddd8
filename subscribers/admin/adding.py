"""Adding a subscriber by hand, as their own sign-up would."""

from __future__ import annotations

from datetime import datetime

from subscribers import tasks
from subscribers.admin.act_forms import AddSubscriberForm
from subscribers.models import Subscriber
from subscribers.signup import opt_in
from subscribers.web.decorators import call_worker


def add_subscriber(new: Subscriber, form: AddSubscriberForm, by: str, now: datetime) -> None:
    """Write down what they ask for; then ask them to confirm, or note where they did."""
    new.pk = opt_in.request_confirmation(new.email, form.read_wishes(), now)
    if agreed_at := form.agreed_at:
        where = form.cleaned_data["agreed_where"]
        opt_in.confirm_elsewhere(new.pk, agreed_at, by, where, now)
    else:
        call_worker(tasks.send_confirmation, new.pk)
    new.refresh_from_db()
