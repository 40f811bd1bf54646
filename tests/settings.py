"""The site's settings, closed to the developer's own environment and quick enough to test with.

Only `DATABASE_URL` is taken from outside: that is how the whole suite runs on PostgreSQL. What is
written goes to a temporary folder of this process, so that two test runs never meet and a test
never touches the site's own `var/`.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_var = Path(tempfile.mkdtemp(prefix="imagine-site-tests-"))
atexit.register(shutil.rmtree, _var, ignore_errors=True)

_kept = {"DATABASE_URL", "PATH", "HOME", "LANG", "TMPDIR"}
for _line in (Path(__file__).parent.parent / ".env.example").read_text("utf-8").splitlines():
    _name, _equals, _ = _line.lstrip("# ").partition("=")
    if _equals and _name.isupper() and _name not in _kept:
        os.environ.pop(_name, None)
os.environ |= {
    "READ_DOT_ENV": "0",
    "VAR_DIR": str(_var),
    "HTTPS": "0",  # the headers of a TLS site have tests of their own
    "LOG_LEVEL": "ERROR",
    "REQUIRE_SECOND_FACTOR": "0",  # asked for in tests of its own
}

from imagine_site.settings import *  # noqa: E402 - after the environment is settled
from imagine_site.settings import DATABASES, STORAGES  # noqa: E402

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost", "[::1]"]
# Argon2 takes a quarter of a second a password, on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Whoever signs in without a request, as tests do, cannot be counted; tests/accounts/ counts.
AXES_ENABLED = False
# No process beside the tests: uploads wait for all of their renditions; some tests say otherwise.
RENDITION_THREADS = 0
# Without a manifest: tests need no collectstatic.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Looked up when asked for: to list every static file for every test client takes longer.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True

_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # A file and not memory: threads that publish at once must meet the real locks. Losing it in a
    # power cut is no loss, so it is not synchronised to the disk.
    _database["TEST"] = {"NAME": str(_var / "test.sqlite3")}
    _database["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
else:
    _database["CONN_MAX_AGE"] = 0  # a connection left open would keep the test database alive
