from typing import Any

from django.core.management.base import BaseCommand

from digest.watch import clock


class Command(BaseCommand):
    help = "Take over what the database's clock shows, where it was set, without an hour's wait."

    def handle(self, *args: Any, **options: Any) -> None:
        clock.read_now()  # notes it, where no worker runs
        state = clock.read_state()
        if not clock.accept_clock():
            self.stdout.write("The clock goes as it should; there is nothing to accept.")
            return
        clock.read_now()  # takes it over, unless a worker is in the middle of its calls
        said = clock.describe_step(state.ahead_by)
        if clock.read_state().set_at:
            self.stdout.write(
                f"The clock was set {said}. That is accepted, and taken over when the calls to the "
                "provider that are under way have ended."
            )
        else:
            self.stdout.write(f"The clock was set {said}. Offprint goes by it now.")
