"""How far the memory of the process grows."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
from pathlib import Path

_STATUS = Path("/proc/self/status")


class PeakMemory:
    """Measures the growth of the process's resident memory at its highest.

    Linux keeps the peak itself, and lets a process begin it anew; elsewhere `growth` is None.
    Sampling from a thread instead would miss peaks between two samples, and slow Python code down.

    Attributes
    ----------
    growth : int or None
        Bytes by which the peak lies above what there was before; None where it cannot be known.
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
    """Return what earlier models have freed, for otherwise a model could use it unnoticed."""
    with contextlib.suppress(OSError, AttributeError):
        if os.name == "posix":
            ctypes.CDLL(None).malloc_trim(0)


def _read(name):
    """Return a number of bytes; None where the system does not tell it, as gVisor does not."""
    match = re.search(rf"^{name}:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"), re.MULTILINE)
    return int(match[1]) * 1024 if match else None
