from anymail.signals import tracking
from celery.signals import worker_init, worker_process_init
from django.apps import AppConfig
from django.db.models.signals import (
    post_migrate,
    post_save,
    pre_delete,
    pre_save,
)


class DigestConfig(AppConfig):
    name = "digest"

    def ready(self) -> None:
        from digest import tasks, track  # noqa: PLC0415 (their models are loaded only now)
        from digest.deliver.after_restore import start_check  # noqa: PLC0415
        from digest.models.page_triggers import install_page_triggers  # noqa: PLC0415
        from digest.models.word_index import install_word_index  # noqa: PLC0415
        from digest.roles import ship_roles  # noqa: PLC0415
        from digest.watch import clock, trial_mail  # noqa: PLC0415
        from subscribers.database_clock import time_asked  # noqa: PLC0415
        from subscribers.signup.opt_in import confirmed  # noqa: PLC0415

        time_asked.connect(clock.on_time_asked, dispatch_uid="digest.clock")
        confirmed.connect(tasks.on_confirmed, dispatch_uid="digest.first")
        tracking.connect(track.on_tracking_event, dispatch_uid="digest.track")
        tracking.connect(trial_mail.on_tracking_event, dispatch_uid="digest.trial")
        post_migrate.connect(install_page_triggers, self, dispatch_uid="digest.pages")
        post_migrate.connect(install_word_index, self, dispatch_uid="digest.words")
        post_migrate.connect(ship_roles, self, dispatch_uid="digest.roles")
        # A worker with processes starts in each of them, one with threads as a whole.
        for started in (worker_init, worker_process_init):
            started.connect(start_check.on_start, dispatch_uid="digest.start")
        self._follow_departures()
        self._follow_webhooks()

    def _follow_departures(self) -> None:
        """Hear of whoever leaves an address, or altogether, in whichever way."""
        from digest.deliver import retention  # noqa: PLC0415
        from digest.high_water import leavings  # noqa: PLC0415
        from digest.track import traces  # noqa: PLC0415
        from subscribers.account.address import address_left  # noqa: PLC0415
        from subscribers.lists import erase  # noqa: PLC0415
        from subscribers.models import (  # noqa: PLC0415
            FormerAddress,
            Subscriber,
            Suppression,
            deletion_begins,
        )

        # A backup that comes back must not mail them again.
        post_save.connect(leavings.on_subscriber_saved, Subscriber, dispatch_uid="digest.left")
        deletion_begins.connect(leavings.on_deletion, dispatch_uid="digest.left")
        post_save.connect(leavings.on_suppressed, Suppression, dispatch_uid="digest.left")
        # Complaints about an address that was left are still understood.
        deletion_begins.connect(retention.on_deletion, dispatch_uid="digest.mails")
        pre_delete.connect(
            retention.on_former_address_deleted, FormerAddress, dispatch_uid="digest.mails"
        )
        address_left.connect(retention.on_address_left, dispatch_uid="digest.mails")
        deletion_begins.connect(erase.on_deletion, dispatch_uid="digest.lists")
        deletion_begins.connect(traces.on_deletion, dispatch_uid="digest.trace")
        pre_save.connect(traces.on_subscriber_saved, Subscriber, dispatch_uid="digest.trace")
        address_left.connect(traces.on_address_left, dispatch_uid="digest.trace")

    def _follow_webhooks(self) -> None:
        """Hear of what others are told of."""
        from digest.track.event_rows import mailbox_suppressed  # noqa: PLC0415
        from digest.webhooks import note  # noqa: PLC0415
        from subscribers.models import (  # noqa: PLC0415
            ConsentEvent,
            consents_noted,
            deletion_begins,
        )

        post_save.connect(note.on_consent, ConsentEvent, dispatch_uid="digest.webhooks")
        consents_noted.connect(note.on_consents, dispatch_uid="digest.webhooks")
        deletion_begins.connect(note.on_deletion, dispatch_uid="digest.webhooks")
        mailbox_suppressed.connect(note.on_suppressed, dispatch_uid="digest.webhooks")
