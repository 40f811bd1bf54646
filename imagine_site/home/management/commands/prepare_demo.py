"""`make demo` without the serving: database, static files, sample institute, an account."""

from django.core.management.base import BaseCommand

from imagine_site.home import demo


class Command(BaseCommand):
    help = "Prepare the demonstration. Run again, it changes nothing."
    requires_system_checks = []  # a start of the demonstration should not wait for them

    def handle(self, **options):
        password = demo.prepare(say=self.say)
        if password:
            self.say(f"Editor's account: {demo.EDITOR}")
            self.say(f"Password:         {password}    (shown this once)")
        else:
            self.say(
                f"Editor's account: {demo.EDITOR}  (its password was shown at the first start; "
                "`make password` sets a new one)"
            )

    def say(self, line: str) -> None:
        """At once, also into a pipe: what comes next may take a while."""
        self.stdout.write(line)
        self.stdout.flush()
