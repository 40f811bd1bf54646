"""What publishing announces, after the commit; whoever cares connects in its own `ready()`.

`published` and `withdrawn` are sent with `sender` (the story's class), `story` and `language`;
`published` also with `edition`.
"""

from django.dispatch import Signal

published = Signal()
withdrawn = Signal()
