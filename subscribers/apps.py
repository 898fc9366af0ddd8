from anymail.signals import inbound
from django.apps import AppConfig


class SubscribersConfig(AppConfig):
    name = "subscribers"

    def ready(self) -> None:
        from subscribers.account.unsubscribe_mail import on_inbound  # noqa: PLC0415 (its models are loaded only now)

        inbound.connect(on_inbound, dispatch_uid="subscribers.inbound")
