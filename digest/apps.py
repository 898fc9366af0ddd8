from anymail.signals import tracking
from django.apps import AppConfig


class DigestConfig(AppConfig):
    name = "digest"

    def ready(self) -> None:
        from digest import track  # noqa: PLC0415 (its models are loaded only now)

        tracking.connect(track.on_tracking_event, dispatch_uid="digest.track")
