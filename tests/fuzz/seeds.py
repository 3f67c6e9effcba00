"""Small valid files of every format, from which fuzzing starts; each is read by its parser (a test says so)."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import edfio
import numpy as np

TUSZ_HEAD = (
    "# version = csv_v1.0.0\n# bname = aaaaaaac_s001_t000\n# duration = 20.0000 secs\n# montage_file = x\n#\n"
)
COLUMNS = "channel,start_time,stop_time,label,confidence\n"
SZCORE = "onset\tduration\teventType\tconfidence\tchannels\tdateTime\trecordingDuration\n"
SEIZEIT = SZCORE.replace("confidence", "lateralization\tlocalization\tvigilance\tconfidence")
SUMMARY = """Data Sampling Rate: 256 Hz
*************************

Channels in EDF Files:
**********************
Channel 1: FP1-F7

File Name: chb01_01.edf
File Start Time: 11:42:54
File End Time: 12:42:54
Number of Seizures in File: 0

File Name: chb01_03.edf
File Start Time: 13:43:04
File End Time: 14:43:04
Number of Seizures in File: 1
Seizure Start Time: 2996 seconds
Seizure End Time: 3036 seconds
"""
SIENA = """PN16

Data Sampling Rate: 512 Hz

Channels in EDF files:
Channel 1: Fp1
Channel 5: 1

Seizure n 1 (in sleep):
File name: PN16-1.edf
Registration start time: 20.45.21
Registration end time: 23.03.11
Seizure start time: 22.45.05
Seizure end time:22.47.08


Seizure n 2:
File name: PN16-2.edf
Registration start time: 23:53:55
Registration end time: 03:28:52
Seizure start time: 00:16:49
Seizure end time: 00:18:36
"""
MIND_MONITOR = (
    "TimeStamp,Delta_TP9,RAW_TP9,RAW_AF7,RAW_AF8,RAW_TP10,AUX_RIGHT,HeadBandOn,HSI_TP9,Battery,Elements\n"
    + "".join(
        f"2020-06-14 10:19:{second:02d}.{milli:03d},0.5,{800 + milli / 10:.4f},801.1,802.2,803.3,,1,1,80.0,\n"
        for second in range(30, 33)
        for milli in range(0, 1000, 250)
    )
    + "2020-06-14 10:19:33.000,,,,,,,,,,/muse/elements/blink\n"
)
OPENBCI_NEW = (
    "%OpenBCI Raw EXG Data\n%Number of channels = 2\n%Sample Rate = 250 Hz\n%Board = OpenBCI_GUI$BoardCytonSerial\n"
    "Sample Index, EXG Channel 0, EXG Channel 1, Accel Channel 0, Timestamp, Marker Channel, Timestamp (Formatted)\n"
    + "".join(
        f"{i}, 61379.36, {49492.89 + i}, 0.040, {1557936053329 + 4 * i}, 0, 12:00:53.329\n" for i in range(12)
    )
)
OPENBCI_OLD = (
    "%OpenBCI Raw EEG Data\n%Number of channels = 2\n%Sample Rate = 250.0 Hz\n%First Column = SampleIndex\n"
    "%Last Column = Timestamp \n%Other Columns = EEG data in microvolts followed by Accel Data"
    " (in G) interleaved with Aux Data\n"
    + "".join(f"{i}, 13.36, {12.89 + i}, 0.0, 0.0, 0.1, 14:23:32.123\n" for i in range(12))
)
# stamps that leap to and fro by weeks: every step looks as far as the file is long
TO_AND_FRO_MUSE = "TimeStamp,RAW_TP9,RAW_AF7,RAW_AF8,RAW_TP10\n" + "".join(
    f"{1.5e9 + i / 256 + 2e6 * (i % 2):.3f},800,801,802,803\n" for i in range(60)
)
TO_AND_FRO_OPENBCI = (
    "%OpenBCI Raw EXG Data\n%Number of channels = 1\n%Sample Rate = 250 Hz\n%Board = OpenBCI_GUI$BoardCytonSerial\n"
    "Sample Index, EXG Channel 0, Timestamp\n"
    + "".join(f"{i % 256}, 1.5, {1.5e9 + i / 250 + 2e6 * (i % 2):.3f}\n" for i in range(60))
)
VOTES = (
    "eeg_id,eeg_sub_id,eeg_label_offset_seconds,spectrogram_id,spectrogram_sub_id,spectrogram_label_offset_seconds,"
    "label_id,patient_id,expert_consensus,seizure_vote,lpd_vote,gpd_vote,lrda_vote,grda_vote,other_vote\n"
    "1628180742,0,0.0,353733,0,0.0,127492639,42516,Seizure,3,0,0,0,0,0\n"
    "1628180742,1,6.0,353733,1,6.0,3887563113,42516,LPD,0,3,0,0,0,1\n"
)
EXPERTS = "1,2,3\n" + "0,0,1\n" * 3 + "1,0,1\n" * 3 + "0,,0\n"


def _edf(
    annotated: bool = True, labels: tuple[str, ...] = ("EEG FP1-REF", "EEG F3-REF", "EEG EKG1-REF")
) -> bytes:
    samples = np.random.default_rng(0).normal(0, 20, (len(labels), 40))
    signals = [
        edfio.EdfSignal(row, 20, label=label, physical_dimension="uV")
        for row, label in zip(samples, labels, strict=True)
    ]
    notes = (
        [edfio.EdfAnnotation(0.5, 1, "seizure"), edfio.EdfAnnotation(1.25, None, "bckg")] if annotated else ()
    )
    target = io.BytesIO()
    edfio.Edf(signals, annotations=notes).write(target)
    return target.getvalue()


def _discontinuous() -> bytes:
    whole = bytearray(_edf())
    whole[192:197] = b"EDF+D"
    return bytes(whole).replace(b"+1\x14\x14", b"+9\x14\x14", 1)


def _bdf() -> bytes:
    signals = [edfio.BdfSignal(np.arange(40.0) % 7 - 3, 20, label="Fp1", physical_dimension="uV")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.bdf"
        edfio.Bdf(signals).write(path)
        return path.read_bytes()


def _texts(*texts: str) -> list[bytes]:
    return [text.encode() for text in texts]


SEEDS: dict[str, list[bytes]] = {
    "edf_header": [_edf(), _edf(annotated=False), _discontinuous(), _bdf()],
    "edf_samples": [_edf(), _discontinuous(), _bdf()],
    "edf_annotations": [_edf(), _discontinuous()],
    "annotation_csv": _texts(
        TUSZ_HEAD + COLUMNS + "FP1-F7,1.0000,9.5000,fnsz,1.0000\nF7-T3,1.5,9,gnsz,0.9\n",
        TUSZ_HEAD + COLUMNS + "TERM,0.0000,20.0000,bckg,1.0000\n",
        COLUMNS.replace(",", ";") + 'TERM;0;20;"seiz";1\r\n',
    ),
    "annotation_tse": _texts(
        "version = tse_v1.0.0\n\n0.0000 10.2787 bckg 1.0000\n10.2787 76.6825 fnsz 1.0000\n"
    ),
    "annotation_tsv": _texts(
        SZCORE + "3.00\t2.00\tsz_foc_ia\t1.00\tn/a\t2000-01-01 00:00:00\t20.00\n",
        "\ufeffonset\tduration\ttrial_type\n1\t2\tseizure\n",
    ),
    "seizeit_tsv": _texts(
        SEIZEIT + "14.00\t8.00\timpd\tn/a\tn/a\tn/a\tn/a\tn/a\t2000-01-01 00:00:00\t65319.00\n"
        "30.00\t20.00\tsz_foc_a_nm\tleft\ttemp\tawake\t1\tn/a\t2000-01-01 00:00:00\t65319.00\n",
        "start\tstop\ttype\tcomment\n12\t30\tsz\tx\n40\t\tsz\t\n",
    ),
    "summary_text": _texts(SUMMARY, SUMMARY.replace("Seizure Start", "Seizure 1 Start")),
    "siena_text": _texts(SIENA, SIENA.replace(".", ":")),
    "helsinki_csv": _texts(EXPERTS, EXPERTS.split("\n", 1)[1]),
    "vote_table": _texts(VOTES),
    "signal_csv": _texts(
        "time,FP1,F3\n" + "".join(f"{i / 100:.2f},{i},{-i}.5\n" for i in range(30)),
        "FP1;F3\n" + "1,5;2,25\n" * 30,
        "time,FP1,F3\n" + "".join(f"{1.5e9 + i / 100 + 2e6 * (i % 9 == 4):.2f},1,2\n" for i in range(60)),
    ),
    "muse_csv": _texts(
        TO_AND_FRO_MUSE, MIND_MONITOR, MIND_MONITOR.replace(",Elements", "").replace(",\n", "\n")
    ),
    "openbci_text": _texts(TO_AND_FRO_OPENBCI, OPENBCI_NEW, OPENBCI_OLD),
    "sidecar_json": _texts(
        '{"sfreq": 100, "unit": "uV", "ch_names": ["C3", "C4"], "reference": "REF"}',
        '{"sfreq": 100, "unit": "uV"}',
        '{"SamplingFrequency": 256.0, "RecordingDuration": 3599.99}',
    ),
    "participant_json": _texts(
        '{"age": {"Units": "years"}, "sex": {"Levels": {"F": "female"}}}', '{"age": {"Units": "weeks"}}'
    ),
    "participant_table": _texts(
        "participant_id\tage\tsex\nsub-01\t31\tF\n", "patient_id, age_years, gender\nPN00,55,Male\n"
    ),
}
