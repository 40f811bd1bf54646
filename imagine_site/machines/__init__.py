"""What changes when the site runs on several machines: configuration, and nothing else.

A database that only reads (`reading`, `lagging`), a cache that may go away (`cache`), and what is
easily forgotten when a second machine is put beside the first (`checks`).
"""
