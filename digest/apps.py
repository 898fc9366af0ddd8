from anymail.signals import tracking
from django.apps import AppConfig


class DigestConfig(AppConfig):
    name = "digest"

    def ready(self) -> None:
        from digest import tasks, track  # noqa: PLC0415 (their models are loaded only now)
        from subscribers.signup.opt_in import confirmed  # noqa: PLC0415

        confirmed.connect(tasks.on_confirmed, dispatch_uid="digest.first")
        tracking.connect(track.on_tracking_event, dispatch_uid="digest.track")
