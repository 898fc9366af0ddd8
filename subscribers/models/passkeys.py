"""Keys with which staff sign in: who made them has the secret half, we have the public one."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import models, transaction
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

MOST_PASSKEYS = 10  # of one person


class Passkey(Device):  # type: ignore[misc] # django-otp has no types
    """A credential of WebAuthn, in a device or a password manager of somebody on the staff.

    Of django-otp's kind of device, so that a session which it opened ends with it.
    """

    credential_id = models.CharField(max_length=1400, unique=True)  # 1023 bytes in base64url
    # Its id and public key, as WebAuthn 6.5.1 writes them one behind the other.
    credential = models.BinaryField()
    sign_count = models.PositiveBigIntegerField(default=0)  # 0 where the device counts nothing
    last_challenge = models.CharField(max_length=64, blank=True)  # a hash: it is answered once
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.name)


@transaction.atomic
def end_second_step(user: User) -> bool:
    """Take the second step away, passkeys and recovery codes too; False where there was none."""
    StaticDevice.objects.filter(user=user).delete()
    ended = TOTPDevice.objects.filter(user=user).delete()[0]
    return bool(ended + Passkey.objects.filter(user=user).delete()[0])
