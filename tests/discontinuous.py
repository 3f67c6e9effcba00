"""EDF+D and BDF+D files with gaps, made from EDF+C and BDF+C files byte by byte."""

from pathlib import Path

import edfio
import numpy as np

from eeg_kedro.io.source_file import SourceFile

# makes the annotations of each record wide enough for any onset
ROOM = edfio.EdfAnnotation(0.5, 0.1, "x" * 40)


def write_edf_d(path, onsets, samples, sfreq=128, names=("Fz",)):
    """Write records of 1 s that begin at ``onsets`` (s, numbers or text); samples (n_channels, n_times) in µV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    signal, whole = (edfio.BdfSignal, edfio.Bdf) if path.suffix == ".bdf" else (edfio.EdfSignal, edfio.Edf)
    signals = [
        signal(row, sfreq, label=name, physical_dimension="uV", physical_range=(-500, 500))
        for row, name in zip(np.asarray(samples, float), names, strict=True)
    ]
    whole(signals, annotations=[ROOM], data_record_duration=1).write(path)
    set_onsets(path, onsets)
    return SourceFile(str(path.parent), path.name)


def set_onsets(path: Path, onsets):
    """Call the file discontinuous and replace the onset of each record; what else is annotated goes."""
    raw = bytearray(path.read_bytes())
    family, width = (b"BDF", 3) if raw[0] == 255 else (b"EDF", 2)
    raw[192:197] = family + b"+D"
    n_signals = int(raw[252:256])
    widths = [int(raw[256 + n_signals * 216 + 8 * i :][:8]) * width for i in range(n_signals)]
    labels = [bytes(raw[256 + 16 * i :][:16]).strip() for i in range(n_signals)]
    place = labels.index(family + b" Annotations")
    for record, onset in enumerate(onsets):
        start = 256 * (n_signals + 1) + record * sum(widths) + sum(widths[:place])
        stamp = onset.encode() if isinstance(onset, str) else b"%+.10g" % onset
        text = (stamp + b"\x14\x14\0").ljust(widths[place], b"\0")
        assert len(text) == widths[place]
        raw[start : start + widths[place]] = text
    path.write_bytes(raw)
