"""Fuzz one parser with atheris, or with mutations of its seeds where atheris is not installed.

Run as ``python tests/fuzz/run.py [TARGET] [--runs 10000] [--seconds 300]``; ``make fuzz`` runs all of them. What breaks
a parser is written to ``tests/fuzz/found/<target>-<hash>`` and becomes a fixture there.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
try:
    import atheris
except ImportError:  # it has no wheel for this machine: mutations alone
    atheris = None  # type: ignore[assignment]
WITH_COVERAGE = __name__ == "__main__" and atheris is not None and "--by-mutation" not in sys.argv
# our own modules only: to follow the branches of pandas and NumPy takes minutes, and they are not what is tested
with atheris.instrument_imports(include=["eeg_kedro"]) if WITH_COVERAGE else nullcontext():
    from tests.fuzz.limits import check
    from tests.fuzz.seeds import SEEDS
    from tests.fuzz.targets import TARGETS


FOUND = Path(__file__).parent / "found"
MEMORY_EVERY = 20  # cases; measuring memory takes twice the time
MOST_BYTES, MOST_POOLED = 1 << 18, 1 << 16  # of a case, and of one that is mutated further


class Case:
    """One target, counting what it was given."""

    def __init__(self, target: str, folder: Path) -> None:
        self.target, self.folder = target, folder
        self.count = self.accepted = self.failed = 0
        self.kinds: set[str] = set()

    def try_bytes(self, data: bytes) -> None:
        """Let the parser loose; write down what breaks it and go on."""
        self.count += 1
        name, parse = TARGETS[self.target]
        try:
            self.accepted += check(parse, self.folder, name, data, memory=self.count % MEMORY_EVERY == 0)
        except Exception as error:  # noqa: BLE001 - whatever comes out is what is looked for
            self.failed += 1
            if (kind := f"{type(error).__name__}: {error}") in self.kinds:
                return
            self.kinds.add(kind)
            path = FOUND / f"{self.target}-{hashlib.sha256(data).hexdigest()[:12]}"
            FOUND.mkdir(exist_ok=True)
            path.write_bytes(data)
            _say(f"{self.target}: {kind}; written to found/{path.name}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Damage bytes as disks, editors and copies do: flip, cut, repeat, insert numbers and separators."""
    content = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(content) + 1)
        match rng.randrange(8):
            case 0 if content:
                content[at % len(content)] = rng.randrange(256)
            case 1:
                content[at:at] = rng.choice(SPLINTERS)
            case 2:
                del content[at : at + rng.randint(1, 40)]
            case 3:
                content[at:at] = content[at : at + rng.randint(1, 200)]
            case 4:
                splinter = rng.choice(SPLINTERS)
                content[at : at + len(splinter)] = splinter
            case 5:
                del content[at:]
            case 6:  # what takes the square of the rows is seen in many of them
                content[at:at] = content[at : at + rng.randint(1, 200)] * rng.randint(20, 200)
            case _:
                content[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 16)))
    return bytes(content)


SPLINTERS = [
    *(text.encode() for text in ("-1", "0", "nan", "inf", "1e309", "99999999", "9" * 40, "-0.0", "1,5", "٣", "\u2028")),
    *(text.encode() for text in (",", "\t", ";", ":", ".", '"', "'", "#", "%", "\r", "\n", "\r\n", "\n\n", "+", "-")),
    b"\0", b"\x14", b"\x15", b"\x14\x14", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b" " * 80,
    # what Python and its csv and json modules refuse with errors of their own: depth, digits, length, other types
    b"[" * 5000, b'{"a":' * 2000, b"9" * 400, b"9" * 5000, b"-" + b"1" * 400 + b".5", b"a" * 200_000,
    b'"' + b"a" * 200_000, b"[]", b"{}", b"null", b"true", b"5", b'"x"', b"[5]", b'{"a": 5}', b"1e999",
]  # fmt: skip


def fuzz_by_mutation(case: Case, runs: int, seconds: float) -> None:
    """Mutate the seeds, and what was accepted of the mutations, deterministically."""
    rng = random.Random(0)
    pool = list(SEEDS[case.target])
    end = time.monotonic() + seconds
    while case.count < runs and time.monotonic() < end:
        data = mutate(rng.choice(pool), rng)
        before = case.accepted
        case.try_bytes(data[:MOST_BYTES])
        if case.accepted > before and len(pool) < 500 and len(data) <= MOST_POOLED:
            pool.append(data)


def fuzz_with_coverage(case: Case, runs: int, seconds: float) -> None:
    """Let atheris search for new branches; it ends the process when it is done."""
    corpus = case.folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS[case.target]):
        (corpus / f"seed{number}").write_bytes(seed)
    end = time.monotonic() + seconds

    def turn(data: bytes) -> None:
        case.try_bytes(data)
        if case.count >= runs or time.monotonic() > end:  # libFuzzer's own end runs nothing of Python's
            status = _report(case)
            shutil.rmtree(case.folder)
            os._exit(status)

    flags = ["-runs=-1", "-max_len=65536", "-verbosity=0", "-seed=1"]
    atheris.Setup([sys.argv[0], str(corpus), *flags], turn)
    atheris.Fuzz()


def _report(case: Case) -> int:
    _say(f"{case.target}: {case.count} cases, {case.accepted} accepted, {case.failed} broke it")
    return int(case.failed > 0)


def main() -> None:
    """Fuzz one target, or each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "target", nargs="?", choices=sorted(TARGETS), help="default: all, one after the other"
    )
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--by-mutation", action="store_true", help="without atheris")
    options = parser.parse_args()
    if options.target is None:
        commands = [[sys.executable, __file__, target, *sys.argv[1:]] for target in TARGETS]
        raise SystemExit(max(subprocess.run(command, check=False).returncode for command in commands))
    tracemalloc.start()
    memory_disk = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory_disk if memory_disk.is_dir() else None) as folder:
        case = Case(options.target, Path(folder))
        if WITH_COVERAGE:
            fuzz_with_coverage(case, options.runs, options.seconds)
        else:
            fuzz_by_mutation(case, options.runs, options.seconds)
            raise SystemExit(_report(case))


if __name__ == "__main__":
    main()
