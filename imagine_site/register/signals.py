"""What the register announces, after the commit; whoever cares connects in its own `ready()`.

`readdressed` is sent with `sender` (the record's class) and `record` when the record's address or
its visibility changed, so that finished texts that link to it can be made again.

`changed` is sent likewise after any save of a record, with what was saved beside it (positions,
memberships); for one that is not public it is sent at once as well, within the transaction, so
that nothing shows what has just been hidden.
"""

from django.dispatch import Signal

readdressed = Signal()
changed = Signal()
