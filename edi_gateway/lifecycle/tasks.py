"""The closed set of work items: each looks at one row, or at everything of a kind when the clock ticks."""

from enum import StrEnum


class Task(StrEnum):
    """What a job asks for. A task about a row is enqueued with `id=` that row's id, under `key(id)`."""

    TRANSLATE = "translate"
    """A transmission that was received: interchanges, groups, sets, validation, acknowledgment."""
    MAP = "map"
    """A valid set that was received: its canonical record, and its ERP file put into `out/`."""
    COMPOSE = "compose"
    """An ERP file that was claimed: records, sets."""
    ENVELOPE = "envelope"
    """A composed set: its interchange and transmission."""
    SEND = "send"
    """A transmission that is ready, or due for another attempt."""
    TELL_DELIVERED = "tell_delivered"
    """A long transmission that the partner has: its sets count, some at a time."""
    SEND_RECEIPT = "send_receipt"
    """A received transmission whose asynchronous MDN is due."""
    PUBLISH = "publish"
    """An ERP file that is ready to be put into `out/`, and whose set has no work item any more."""

    NOTIFY = "notify"
    """A notice that is due."""

    SCAN_FOLDERS = "scan_folders"
    SWEEP_DEADLINES = "sweep_deadlines"
    RECONCILE = "reconcile"
    CHECK_CERTIFICATES = "check_certificates"
    RETAIN = "retain"
    """Contents whose time is over: deleted once a day, where the settings name a time."""
    WATCH = "watch"
    """What is wrong now: incidents opened, reminded of and ended, and their notices."""

    def key(self, row_id: int) -> str:
        """The key under which the job for one row is live: "send:17"."""
        return f"{self.value}:{row_id}"
