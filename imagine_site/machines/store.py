"""An S3 store that fails like a disk: soon, and with the errors that a disk gives.

Whoever writes or reads files here knows `OSError` and `FileNotFoundError` and goes on without a
picture; botocore's errors are neither, and its patience is a minute times five. A store that does
not answer is left alone for a while, so that pages are made without waiting for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

logger = logging.getLogger(__name__)

#: Seconds without asking, after a failure.
PAUSE = 5.0


class StoreAway(OSError):
    """The store does not answer, or refuses."""


class Store(S3Storage):
    _away_until = float("-inf")

    def __init__(self, **settings):
        config = Config(
            connect_timeout=2,  # seconds
            read_timeout=20,
            retries={"mode": "standard", "total_max_attempts": 2},
            # Checksums beyond the signed digest of the content: many stores know none of them.
            request_checksum_calculation="when_required",
        )
        super().__init__(client_config=config, **settings)

    @contextmanager
    def _like_a_disk(self) -> Iterator[None]:
        if time.monotonic() < self._away_until:
            raise StoreAway(f"{self.endpoint_url or 'The S3 store'} did not answer a moment ago")
        try:
            yield
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status == 404:
                raise FileNotFoundError(str(error)) from error
            if status >= 500:
                self._leave_alone(error)
            raise StoreAway(str(error)) from error
        except (BotoCoreError, Boto3Error) as error:
            self._leave_alone(error)
            raise StoreAway(str(error)) from error

    def _leave_alone(self, error: Exception) -> None:
        self._away_until = time.monotonic() + PAUSE
        logger.warning("The S3 store does not answer: %s", error)

    def _open(self, name, mode="rb"):
        with self._like_a_disk():
            file = super()._open(name, mode)
            if "r" in mode:
                _fetched = file.file  # now, and not when it is first read
            return file

    def _save(self, name, content):
        with self._like_a_disk():
            return super()._save(name, content)

    def delete(self, name):
        with self._like_a_disk():
            super().delete(name)

    def exists(self, name):
        with self._like_a_disk():
            return super().exists(name)

    def listdir(self, name):
        with self._like_a_disk():
            return super().listdir(name)

    def size(self, name):
        with self._like_a_disk():
            return super().size(name)

    def get_modified_time(self, name):
        with self._like_a_disk():
            return super().get_modified_time(name)
