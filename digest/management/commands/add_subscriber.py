from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from email_validator import EmailNotValidError, validate_email

from digest.management.now_option import add_now, read_now
from subscribers.mail import mail_links
from subscribers.models import MAX_TOPICS, ConsentEvent, Interest, Subscriber, Topic
from subscribers.models.public_spelling import spell_followed
from subscribers.topics import TopicError, list_readings


class Command(BaseCommand):
    help = "Add a subscriber, or topics to one who is there, and print their links."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--topic", action="append", default=[], metavar="T", help="May be given many times."
        )
        parser.add_argument(
            "--confirmed",
            action="store_true",
            help="They agreed already: no confirmation mail, the first digest leaves at once.",
        )
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now = read_now(options["now"])
        try:
            checked = validate_email(
                options["email"], check_deliverability=False, test_environment=True
            )
        except EmailNotValidError as error:
            raise CommandError(f"“{options['email']}” is not an email address: {error}") from error
        with transaction.atomic():
            subscriber, is_new = Subscriber.objects.get_or_create(email=checked.normalized.lower())
            self._add_topics(subscriber, options["topic"])
            if options["confirmed"] and not subscriber.is_active:
                kind, note = ConsentEvent.Kind.ELSEWHERE, "As said by --confirmed."
                subscriber.confirm(
                    now, ConsentEvent(kind=kind, happened_at=now, by="add_subscriber", note=note)
                )
        self._print_result(subscriber, is_new)

    def _add_topics(self, subscriber: Subscriber, queries: list[str]) -> None:
        try:
            topics = Topic.objects.get_or_create_topics(queries)
        except TopicError as error:
            raise CommandError(str(error)) from error
        if len({*topics, *subscriber.topics.all()}) > MAX_TOPICS:
            raise CommandError(f"A subscriber has at most {MAX_TOPICS} topics; give fewer.")
        for topic in topics:
            defaults = {"typed": topic.typed}
            Interest.objects.get_or_create(subscriber=subscriber, topic=topic, defaults=defaults)
        spell_followed(topics)
        for said in list_readings(topic.typed for topic in topics):
            self.stdout.write(said)

    def _print_result(self, subscriber: Subscriber, is_new: bool) -> None:
        count = subscriber.topics.count()
        done = "Added" if is_new else "Updated"
        topics = f"{count} topic" if count == 1 else f"{count} topics"
        self.stdout.write(f"{done} {subscriber.email}, {subscriber.status}, {topics}.")
        if subscriber.status == Subscriber.Status.PENDING:
            self.stdout.write(f"Confirm:     {mail_links.confirm_url(subscriber)}")
        self.stdout.write(
            f"Preferences: {mail_links.preferences_url(subscriber.pk, subscriber.link_version)}"
        )
        self.stdout.write(
            f"Unsubscribe: {mail_links.unsubscribe_url(subscriber.pk, subscriber.link_version)}"
        )
