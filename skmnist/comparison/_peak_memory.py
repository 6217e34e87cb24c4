"""Growth of the memory of the process."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
from pathlib import Path

_STATUS = Path("/proc/self/status")


class PeakMemory:
    """Measure the largest growth of the process's resident memory.

    Linux records the peak, and lets a process reset it; on other systems `growth` is None.
    Sampling in a thread instead would miss peaks between two samples and slow Python code down.

    Attributes
    ----------
    growth : int or None
        Bytes by which the peak exceeds the memory before; None if it is not known.
    """

    growth = None

    def __enter__(self):
        _give_back_freed_memory()
        try:
            with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
                file.write("5")
            self._before = _read("VmRSS")
        except OSError:
            self._before = None
        return self

    def __exit__(self, *_):
        highest = None if self._before is None else _read("VmHWM")
        if highest is not None:
            self.growth = max(0, highest - self._before)


def _give_back_freed_memory():
    """Return freed memory to the system, because a model could reuse it without any growth."""
    with contextlib.suppress(OSError, AttributeError):
        if os.name == "posix":
            ctypes.CDLL(None).malloc_trim(0)


def _read(name):
    """Return a number of bytes; None if the system does not report it, as gVisor does not."""
    match = re.search(rf"^{name}:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"), re.MULTILINE)
    return int(match[1]) * 1024 if match else None
