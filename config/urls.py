from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path, reverse_lazy
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from config.passkeys import ask_to_register, ask_to_sign_in
from config.second_step import ask_second_step
from config.second_step_set_up import set_up_second_step
from config.sign_in import LinkView, SignInForm

admin.site.login_form = SignInForm
# Whoever may look at people's accounts shall not see the keys of their second step.
admin.site.unregister([StaticDevice, TOTPDevice])
_IN_ADMIN = {"site_header": "Offprint", "site_title": "Offprint"}
# Where staff have a link sent that gets them in; `admin_password_reset` is how the admin finds it.
_SIGN_IN_LINKS = [
    path("password_reset/", LinkView.as_view(extra_context=_IN_ADMIN), name="admin_password_reset"),
    path(
        "password_reset/done/",
        auth_views.PasswordResetDoneView.as_view(extra_context=_IN_ADMIN),
        name="password_reset_done",
    ),
    path(
        "reset/<uidb64>/<token>/",
        auth_views.PasswordResetConfirmView.as_view(
            extra_context=_IN_ADMIN,
            post_reset_login=True,
            post_reset_login_backend="django.contrib.auth.backends.ModelBackend",
            success_url=reverse_lazy("admin:index"),
        ),
        name="password_reset_confirm",
    ),
    path("second-step/", ask_second_step, name="second_step"),
    path("second-step/question/", ask_to_sign_in, name="passkey_question"),
    path("second-step/set-up/", set_up_second_step, name="second_step_set_up"),
    path("second-step/set-up/question/", ask_to_register, name="new_passkey_question"),
]

urlpatterns = [
    path("", include("digest.urls")),
    path("", include("subscribers.urls")),
    path("admin/", include(_SIGN_IN_LINKS)),
    path("admin/", admin.site.urls),
]
