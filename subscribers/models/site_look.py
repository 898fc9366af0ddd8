"""What makes the site its owner's: one row, edited in the admin."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

NAME, ACCENT, ACCENT_DARK = "Offprint", "#a8321a", "#f0896f"
THE_ROW = 1
is_color = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour like #a8321a."))


class SiteLook(models.Model):
    """The name, the colours and the words that visitors see; what is empty is as shipped."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ROW, editable=False)
    name = models.CharField(max_length=40, default=NAME, verbose_name=_("name"))
    tagline = models.CharField(
        max_length=160,
        blank=True,
        help_text=_("One sentence, for search engines and shared links."),
        verbose_name=_("tagline"),
    )
    accent = models.CharField(
        _("colour by day"), max_length=7, default=ACCENT, validators=[is_color]
    )
    accent_dark = models.CharField(
        _("colour by night"), max_length=7, default=ACCENT_DARK, validators=[is_color]
    )
    logo = models.BinaryField(null=True, blank=True, editable=False)  # a PNG
    footer = models.TextField(
        max_length=600,
        blank=True,
        help_text=_("At the foot of every page and mail."),
        verbose_name=_("footer"),
    )
    topics = models.TextField(
        _("topics offered at the door"),
        max_length=1000,
        blank=True,
        help_text=_("One to a line: those who sign up add them with a press."),
    )
    reply_to = models.EmailField(
        "Reply-To", blank=True, help_text=_("Where an answer to a mail goes; else to its sender.")
    )
    imprint = models.TextField(
        max_length=4000,
        blank=True,
        help_text=_("Who runs the site, where the law asks for it."),
        verbose_name=_("imprint"),
    )
    contact = models.TextField(max_length=1000, blank=True, verbose_name=_("contact"))
    privacy = models.TextField(
        max_length=10_000,
        blank=True,
        help_text=_("What you add to the privacy of the product."),
        verbose_name=_("privacy"),
    )
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = _("what visitors see")
        constraints = [
            models.CheckConstraint(condition=Q(id=THE_ROW), name="site_look_is_one_row"),
            models.CheckConstraint(condition=~Q(name=""), name="site_look_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
