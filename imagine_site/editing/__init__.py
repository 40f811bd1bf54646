"""How a person's work is kept: rows with a version, bilingual fields, bases for the admin.

Everything that an editor changes in the admin is built on this room, so that two people at work
on the same row can never silently overwrite each other.
"""
