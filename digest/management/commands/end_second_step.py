"""manage.py end_second_step: for whoever lost passkeys, app and recovery codes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from subscribers.models import end_second_step


class Command(BaseCommand):
    help = "Take away somebody's second step of signing in, with its passkeys and recovery codes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the name that they sign in with")

    def handle(self, *, name: str, **_: Any) -> None:
        user = get_user_model().objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"Nobody signs in as “{name}”.")
        said = (
            "has no second step any more: ask them to set it up anew"
            if end_second_step(user)
            else "had no second step"
        )
        self.stdout.write(f"{name} {said}.")
