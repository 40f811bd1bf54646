"""Recognise the register's names in a text, so that nobody has to link them by hand.

`names.Names` finds them in plain text; `links.link_mentions` turns them into record links. The room
knows no model: what can be named was registered with `imagine_site.register.kinds`.
"""
