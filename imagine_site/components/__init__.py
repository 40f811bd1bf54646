"""The logic behind `templates/components/`: values and tags that know no model.

A component gets what it needs from the page that includes it; what is computed for it (a banding,
the numbers of a pager, the language of a text) is computed here, once, and tested.
"""
