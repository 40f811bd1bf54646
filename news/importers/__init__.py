"""Files of every format into the newsroom: a file becomes an `Article`, an `Article` a story.

`sources.read` is the door of the first half, which knows no database; `saving` is the second.
"""
