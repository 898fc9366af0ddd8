from anymail.signals import tracking
from django.apps import AppConfig


class DigestConfig(AppConfig):
    name = "digest"

    def ready(self) -> None:
        from digest import tasks, track  # noqa: PLC0415 (their models are loaded only now)
        from digest.watch import trial_mail  # noqa: PLC0415
        from subscribers.signup.opt_in import confirmed  # noqa: PLC0415

        confirmed.connect(tasks.on_confirmed, dispatch_uid="digest.first")
        tracking.connect(track.on_tracking_event, dispatch_uid="digest.track")
        tracking.connect(trial_mail.on_tracking_event, dispatch_uid="digest.trial")
