"""A sample institute: a site to look at before one's own content exists, and easily removed.

Its facts are those that the institute and others state in public; its sentences and pictures were
made for it. `manage.py load_sample` brings it in, `manage.py remove_sample` takes it out.
"""
