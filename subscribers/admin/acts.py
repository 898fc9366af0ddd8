"""What operators can do for subscribers: each act says beforehand what it does, and for whom not.

An act calls the function that the subscriber's own page calls, and changes no column by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers import tasks
from subscribers.account import address, less_mail, suppressing
from subscribers.account.address import MoveState
from subscribers.account.less_mail import UNDO_WITHIN, find_pause_end
from subscribers.admin.act import Act, Ground, Order, say_inactive
from subscribers.admin.act_forms import MoveOnceForm, PauseForm
from subscribers.models import Subscriber, Suppression
from subscribers.signup import opt_in
from subscribers.signup.mailbox_limits import APART
from subscribers.web.decorators import call_worker

Status = Subscriber.Status


class ResendConfirmation(Act):
    name, label = "resend", gettext_lazy("Ask again to confirm")
    consequence = gettext_lazy(
        "A mail with a link goes to the address. Nothing else is ever mailed there until its owner "
        "presses the button behind that link."
    )
    done = gettext_lazy("asked to confirm")

    def find_obstacle(self, subscriber: Subscriber, ground: Ground) -> str:
        if subscriber.status == Status.ACTIVE:
            return _("confirmed already")
        if subscriber.status == Status.UNSUBSCRIBED:
            return _("unsubscribed: only they themselves can sign up again")
        outlook = ground.foresee_mail(subscriber)
        if outlook.is_suppressed:
            return _("suppressed: nothing is mailed to the address")
        if outlook.is_silent:
            return _("three such mails went without an answer: they have to sign up themselves")
        if outlook.sent_at:
            next_at = outlook.sent_at + APART
            return _("had such a mail in the last day: the next may go %(next_at)s UTC") % {
                "next_at": date_format(next_at, "d M, H:i")
            }
        return (
            _("its domain had many such mails in this hour: try later") if outlook.is_slow else ""
        )

    def perform(self, subscriber: Subscriber, order: Order) -> bool:
        opt_in.ask_again(subscriber, order.now)
        call_worker(tasks.send_confirmation, subscriber.pk)
        return True


class Pause(Act):
    name, label = "pause", gettext_lazy("Pause until …")
    consequence = gettext_lazy(
        "No digest goes to them before that day begins in their time zone. They can end the pause "
        "in their preferences, where they see it."
    )
    done = gettext_lazy("paused")
    form_class = PauseForm

    def find_obstacle(self, subscriber: Subscriber, ground: Ground) -> str:  # noqa: ARG002
        return "" if subscriber.is_active else say_inactive(subscriber)

    def perform(self, subscriber: Subscriber, order: Order) -> bool:
        ends_at = find_pause_end(order.typed["until"], subscriber.timezone, order.now)
        less_mail.set_pause(subscriber, ends_at)
        return True


class Resume(Act):
    name, label = "resume", gettext_lazy("End the pause")
    consequence = gettext_lazy("Their digests go on at their usual hour.")
    done = gettext_lazy("going on")

    def find_obstacle(self, subscriber: Subscriber, ground: Ground) -> str:
        is_paused = subscriber.paused_until and subscriber.paused_until > ground.now
        return "" if is_paused else _("not paused")

    def perform(self, subscriber: Subscriber, order: Order) -> bool:  # noqa: ARG002
        less_mail.set_pause(subscriber, None)
        return True


class Unsubscribe(Act):
    name, label = "unsubscribe", gettext_lazy("Unsubscribe")
    consequence = gettext_lazy(
        "No digest goes to them from now on, and they are told nothing. You can take it back for "
        "a day; after that only they themselves can sign up again."
    )
    done = gettext_lazy("unsubscribed")

    def find_obstacle(self, subscriber: Subscriber, ground: Ground) -> str:  # noqa: ARG002
        return _("unsubscribed already") if subscriber.status == Status.UNSUBSCRIBED else ""

    def perform(self, subscriber: Subscriber, order: Order) -> bool:
        subscriber.unsubscribe(order.now, by=order.by)
        return True


class Restore(Act):
    name, label = "restore", gettext_lazy("Take the unsubscription back")
    consequence = gettext_lazy(
        "They get digests again, as if they had not been unsubscribed. Only what an operator did "
        "within the last day can be taken back."
    )
    done = gettext_lazy("subscribed as before")

    def find_obstacle(self, subscriber: Subscriber, ground: Ground) -> str:
        if subscriber.status != Status.UNSUBSCRIBED:
            return _("not unsubscribed")
        left = ground.find_departure(subscriber)
        if left is None or not left.by:
            return _("left by themselves: only they can come back")
        if not less_mail.can_undo_unsubscribe(subscriber, ground.now):
            return _("unsubscribed more than %(hours)s hours ago, or never confirmed") % {
                "hours": UNDO_WITHIN.days * 24
            }
        return ""

    def perform(self, subscriber: Subscriber, order: Order) -> bool:
        return less_mail.undo_unsubscribe(subscriber, order.now, by=order.by)


class Suppress(Act):
    name, label = "suppress", gettext_lazy("Suppress the address")
    consequence = gettext_lazy(
        "Nothing at all is mailed to the address from now on, whoever asks for it: no digest, no "
        "link, no confirmation. It stays so when the subscriber is deleted, until you lift it."
    )
    done = gettext_lazy("suppressed")

    def find_obstacle(self, subscriber: Subscriber, ground: Ground) -> str:
        reason = ground.find_suppression(subscriber)
        return _("suppressed already (%(reason)s)") % {"reason": reason} if reason else ""

    def perform(self, subscriber: Subscriber, order: Order) -> bool:  # noqa: ARG002
        return suppressing.suppress_by_hand(subscriber.email)


class Lift(Act):
    name, label = "lift", gettext_lazy("Lift the suppression")
    consequence = gettext_lazy(
        "The address may be mailed again. If its mailbox refuses the next mail too, it is "
        "suppressed anew."
    )
    done = gettext_lazy("no longer suppressed")

    def find_obstacle(self, subscriber: Subscriber, ground: Ground) -> str:
        reason = ground.find_suppression(subscriber)
        if reason == Suppression.Reason.COMPLAINT:
            return _("they called our mail spam: delete the suppression itself if they ask for it")
        return "" if reason else _("not suppressed")

    def perform(self, subscriber: Subscriber, order: Order) -> bool:  # noqa: ARG002
        return suppressing.lift_suppression(subscriber.email)


class SendLink(Act):
    name, label = "link", gettext_lazy("Send them their links")
    consequence = gettext_lazy(
        "A mail goes to the address with the links to their preferences, to moving, export and "
        "deletion, and to unsubscribing."
    )
    done = gettext_lazy("sent their links")

    def find_obstacle(self, subscriber: Subscriber, ground: Ground) -> str:
        if subscriber.status == Status.PENDING:
            return say_inactive(subscriber)
        is_suppressed = ground.find_suppression(subscriber)
        return _("suppressed: nothing is mailed to the address") if is_suppressed else ""

    def perform(self, subscriber: Subscriber, order: Order) -> bool:
        address.request_own_link(subscriber, order.now)
        call_worker(tasks.send_asked_links)
        return True


class EndLinks(SendLink):
    name, label = "end_links", gettext_lazy("Send new links, end the old ones")
    consequence = gettext_lazy(
        "All links in the mails they have, forwarded ones too, only unsubscribe from now on. A "
        "mail with new ones goes to the address."
    )
    done = gettext_lazy("sent new links")

    def perform(self, subscriber: Subscriber, order: Order) -> bool:
        address.end_links(subscriber)
        return super().perform(subscriber, order)


class Move(Act):
    name, label = "move", gettext_lazy("Move to another address …")
    consequence = gettext_lazy(
        "Their topics, schedule and all that they were sent move along. What was asked for by the "
        "new address, and never confirmed there, is dropped."
    )
    done = gettext_lazy("moved, or asked at the new address")
    form_class = MoveOnceForm
    is_for_one = True

    def find_obstacle(self, subscriber: Subscriber, ground: Ground) -> str:  # noqa: ARG002
        return "" if subscriber.is_active else say_inactive(subscriber)

    def perform(self, subscriber: Subscriber, order: Order) -> bool:
        new_email = order.typed["new_email"]
        if order.typed["how"] == MoveOnceForm.AT_ONCE:
            state = address.move_by_operator(subscriber.pk, new_email, order.now)
            return state is MoveState.DONE
        address.request_move(subscriber, new_email, order.now)
        call_worker(tasks.send_asked_links)
        return True


class Export(Act):
    """The page sends the file: see `act_views`."""

    name, label = "export", gettext_lazy("Export all data")
    consequence = gettext_lazy(
        "You get a file with everything that is stored about them, as they can get it themselves. "
        "It holds personal data: give it to nobody else, and delete it when it has served."
    )
    done = gettext_lazy("exported")

    def find_obstacle(self, subscriber: Subscriber, ground: Ground) -> str:  # noqa: ARG002
        return ""

    def perform(self, subscriber: Subscriber, order: Order) -> bool:  # noqa: ARG002
        return True


class DeleteAll(Act):
    name, label = "delete", gettext_lazy("Delete with all data")
    consequence = gettext_lazy(
        "The subscriber goes with everything that hangs on it: topics, deliveries, what providers "
        "reported, feedback, reading list, consent. Nothing brings it back. A suppression of the "
        "address stays, so that nothing is mailed there."
    )
    done = gettext_lazy("deleted with all data")
    permission = "delete"
    is_final = True

    def find_obstacle(self, subscriber: Subscriber, ground: Ground) -> str:  # noqa: ARG002
        return ""

    def perform(self, subscriber: Subscriber, order: Order) -> bool:  # noqa: ARG002
        address.delete_subscriber(subscriber)
        return True

    def perform_all(self, subscribers: Sequence[Subscriber], order: Order) -> list[Subscriber]:  # noqa: ARG002
        address.delete_subscribers(subscribers)
        return list(subscribers)


ACTS: dict[str, Act] = {
    act.name: act
    for act in (
        ResendConfirmation(),
        SendLink(),
        EndLinks(),
        Pause(),
        Resume(),
        Unsubscribe(),
        Restore(),
        Suppress(),
        Lift(),
        Move(),
        Export(),
        DeleteAll(),
    )
}
