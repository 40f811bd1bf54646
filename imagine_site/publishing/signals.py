"""What publishing announces, after the commit; whoever cares connects in its own `ready()`.

`published` and `withdrawn` are sent with `sender` (the story's class), `story` and `language`;
`published` also with `edition`.

`editions_changed` is sent *within* the transaction, for what must never disagree with the editions,
whatever fails: the search. With `sender` and `stories`, which are all of that class.
"""

from django.dispatch import Signal

published = Signal()
withdrawn = Signal()
editions_changed = Signal()
