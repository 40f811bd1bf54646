"""What the library announces of its files; whoever cares connects in its own `ready()`.

`renditions_wait` (`image`) is sent after the commit that left a picture with sizes to be made.

`renditions_made` (`instance`, and `created`, always False, as `post_save` has it) is sent *within*
the transaction that lists them: an entry was not saved, and still its pages look different.
"""

from django.dispatch import Signal

renditions_wait = Signal()
renditions_made = Signal()
