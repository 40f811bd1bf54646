"""How fast the site is, beside nginx on the same machine at the same time: `make bench`.

`__main__` says what is measured and in which order; docs/speed.md says how to read it. The scripts
that look into one thing by themselves (`search`, `importing`, `pictures`, `cold`) open with their
own usage.
"""
