"""What the file library announces, after the commit.

`changed` is sent with `sender` (the class) and `file` when what links say of a file may have
changed: its format, its size, its language, its address.
"""

from django.dispatch import Signal

changed = Signal()
