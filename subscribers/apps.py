from anymail.signals import inbound
from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save


class SubscribersConfig(AppConfig):
    name = "subscribers"

    def ready(self) -> None:
        from subscribers.account.address import on_subscriber_saved  # noqa: PLC0415 (its models are loaded only now)
        from subscribers.account.unsubscribe_mail import on_inbound  # noqa: PLC0415
        from subscribers.models import SiteLook, Subscriber  # noqa: PLC0415
        from subscribers.models.deletion import on_row_deleted  # noqa: PLC0415
        from subscribers.site_look import forget_look  # noqa: PLC0415

        inbound.connect(on_inbound, dispatch_uid="subscribers.inbound")
        for changed in (post_save, post_delete):
            changed.connect(forget_look, SiteLook, dispatch_uid="subscribers.look")
        pre_delete.connect(on_row_deleted, Subscriber, dispatch_uid="subscribers.deletion")
        pre_save.connect(on_subscriber_saved, Subscriber, dispatch_uid="subscribers.address")
