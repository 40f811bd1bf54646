"""From a working copy to what the public reads, and back.

A *story* is what colleagues write; it is never public. *Publishing* cuts an *edition*: an immutable
snapshot in one language, live from a moment until a moment. Public code reads editions only, so
that it cannot leak a draft.
"""
