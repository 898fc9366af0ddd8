"""The button on the admin's first page that sends a test alarm by every way that is set up."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from digest.watch.alarms import tell_operators

PERMISSION = "digest.change_edition"
SENTENCE = gettext_lazy("This is a test alarm: nothing is wrong. {name} asked for it in the admin.")
NOWHERE = gettext_lazy(
    "No way is set up to tell operators: set OPERATORS_EMAIL, OPERATORS_WEBHOOK or OPERATORS_NTFY."
)


@require_POST
def send_trial_alarm(request: HttpRequest) -> HttpResponse:
    """Send it, and say for each way whether it was taken."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    sentence = SENTENCE.format(name=request.user)
    results = tell_operators("test", sentence, timezone.now())
    for way, problem in results.items():
        if problem:
            messages.error(
                request,
                _("The %(way)s did not take the test alarm: %(problem)s.")
                % {"way": way, "problem": problem},
            )
        else:
            messages.success(
                request,
                _("The %(way)s took the test alarm: see whether it arrived.") % {"way": way},
            )
    if not results:
        messages.warning(request, NOWHERE)
    return HttpResponseRedirect(reverse("admin:index"))
