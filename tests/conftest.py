import os
import signal
import threading
from pathlib import Path

import pytest

# what is started in the background by a script ignores Ctrl-C, and so would every process that tests start
if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    and threading.current_thread() is threading.main_thread()
):
    signal.signal(signal.SIGINT, signal.default_int_handler)

# two test processes with two threads each wait for one another more than they compute; set before torch is imported
os.environ.setdefault("OMP_NUM_THREADS", "1")

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real EEG files beside the checkout; tests that need them skip where there are none."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no folder ../shared/data with real recordings beside this checkout")
    return folder
