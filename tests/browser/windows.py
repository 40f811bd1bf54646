"""Windows that a test opens, waits in and leaves, however busy the machine is."""

import threading
import time

from django.core.signals import request_finished, request_started
from playwright.sync_api import expect


class InProgress:
    """How many requests the site is answering at this moment, in any thread."""

    def __init__(self):
        self.changed, self.number = threading.Condition(), 0

    def __enter__(self):
        request_started.connect(self._began, weak=False, dispatch_uid="in progress")
        request_finished.connect(self._ended, weak=False, dispatch_uid="in progress")
        return self

    def __exit__(self, *_error):
        request_started.disconnect(dispatch_uid="in progress")
        request_finished.disconnect(dispatch_uid="in progress")

    def _began(self, **_kwargs) -> None:
        with self.changed:
            self.number += 1

    def _ended(self, **_kwargs) -> None:
        with self.changed:
            self.number -= 1
            self.changed.notify_all()

    def wait(self, seconds: float = 10) -> None:
        """Until all are answered."""
        with self.changed:
            self.changed.wait_for(lambda: self.number <= 0, seconds)


in_progress = InProgress()


def open_window(context):
    """A window that always has the focus, also while another one is in front."""
    page = context.new_page()
    page.bring_to_front()
    context.new_cdp_session(page).send("Emulation.setFocusEmulationEnabled", {"enabled": True})
    return page


def pause(page, milliseconds: int) -> None:
    """By the page's own clock, once it has drawn what it had to: whatever it meant to do with the
    next frame, and before then, has been done. A window in the background draws nothing."""
    page.evaluate(
        """async (wait) => {
            const after = (time) => new Promise((done) => setTimeout(done, time));
            await Promise.race([new Promise(requestAnimationFrame), after(1000)]);
            await after(wait);
        }""",
        milliseconds,
    )


def place_caret(surface, where: str | None = None) -> None:
    """Into an editor's text: "start", "end" or where it was; waits until it stays there.

    The editor takes the focus with the next frame, which a busy machine draws late, and ProseMirror
    sets its own selection once more 20 ms after that. No person is that quick.
    """
    surface.evaluate(
        """(element, where) => {
            element.editor.commands.focus(where);
            return new Promise((done) => requestAnimationFrame(done));
        }""",
        where,
    )
    expect(surface).to_be_focused()
    pause(surface.page, 60)


def leave(page) -> None:
    """Go from the site before its tables are emptied, and wait for what it is still answering.

    A form says farewell to the server when it is left, which nobody is there to hear.
    """
    if not page.is_closed() and "/admin/" in page.url:
        page.evaluate("navigator.sendBeacon = () => true")
        page.goto("about:blank")
    time.sleep(0.05)  # for what is on its way
    in_progress.wait()
