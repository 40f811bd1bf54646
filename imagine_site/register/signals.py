"""What the register announces, after the commit; whoever cares connects in its own `ready()`.

`readdressed` is sent with `sender` (the record's class) and `record` when the record's address or
its visibility changed, so that finished texts that link to it can be made again.
"""

from django.dispatch import Signal

readdressed = Signal()
