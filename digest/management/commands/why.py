from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from digest.management.now_option import add_now, read_now
from digest.why import explain_why
from subscribers.models import Subscriber


class Command(BaseCommand):
    help = "Say why somebody got a paper, or why not: the one reason that decided."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("paper", help="Its arXiv number, DOI, address or whole title.")
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        subscriber = Subscriber.objects.filter(email=email).first()
        if subscriber is None:
            raise CommandError(f"Nobody with the address {email} is here.")
        answer = explain_why(subscriber, options["paper"], read_now(options["now"]))
        if answer.paper:
            self.stdout.write(f"{answer.paper.title} ({answer.paper.identifier})")
        self.stdout.write(f"{str(answer.reason.label).capitalize()}. {answer.sentence}")
