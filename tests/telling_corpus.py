"""A small corpus whose files tell who the patient is wherever a file can."""

import numpy as np

from tests.raw_edf import edf_bytes, signal, texts

# what must not be found afterwards: names, codes, dates in the forms that programs write
SECRETS = (
    "Haagse", "Harry", "Haagse_Harry", "Müller", "Jürgen", "0234567", "PSG-1234", "1234/2002", "Telemetry03", "Betty",
    "Rochester", "Okonkwo", "02-MAY-1951", "02.05.1951", "1951-05-02", "02/05/1951", "19510502", "2.5.1951",
    "2 May 1951", "02-MAR-2002", "02.03.2002", "2002-03-02", "02.03.02", "20020302", "02/03/2002", "2 March 2002",
    "1015063872",  # the start in seconds since 1970
)  # fmt: skip
PATIENT = b"MCH-0234567 F 02-MAY-1951 Haagse_Harry"
RECORDING = b"Startdate 02-MAR-2002 PSG-1234/2002 NN Telemetry03 Rochester_Clinic"
START = b"02.03.0210.11.12"
CHANNELS = ("FP1", "FP2", "F3", "F4", "C3", "C4", "O1", "O2")
RATE = 128


def eeg_signals(**fields):
    telling = {
        "transducer": b"Betty Okonkwo, Rochester: AgAgCl",
        "prefilter": b"HP:0.1Hz LP:50Hz Haagse 02.05.1951",
        "reserved": b"Harry Haagse 0234567",
    }
    return [signal(f"EEG {name}-REF".encode(), RATE, **(telling | fields)) for name in CHANNELS]


def telling_edf(seconds=40, record_texts=b"", patient=PATIENT, seed=0, start=START, **fields):
    """Compose a recording of noise whose header, and whose annotations if there are some, name the patient."""
    signals, rng = eeg_signals(), np.random.default_rng(seed)
    clock = [b"+%d\x14\x14\0" % second + (record_texts if second == 5 else b"") for second in range(seconds)]
    if record_texts:
        signals, fields = [*signals, texts(120)], {"reserved": b"EDF+C"} | fields
    raw = edf_bytes(
        signals,
        patient,
        RECORDING,
        start,
        n_records=seconds,
        annotations=clock if record_texts else (),
        **fields,
    )
    head, width = 256 * (len(signals) + 1), 2 * RATE * len(CHANNELS)
    size = (len(raw) - head) // seconds
    records = np.frombuffer(raw[head:], np.uint8).reshape(seconds, size).copy()
    noise = rng.normal(0, 2000, (seconds, RATE * len(CHANNELS))).astype(
        "<i2"
    )  # of some 30 µV, not random bytes
    records[:, :width] = noise.view(np.uint8).reshape(seconds, width)
    return raw[:head] + records.tobytes()


EVENTS = (
    "onset\tduration\teventType\tcomment\tpatient\n"
    "12.5\t8\tsz\tHarry Haagse looked at Nurse Betty\tHaagse, 02.05.1951\n30\t2\tbckg\tcalm\tHaagse\n"
)
FREE_TEXT = b"+6.5\x14Haagse Harry, born 02.05.1951, had a turn\x14\0"
LABELLED = b"+6\x153\x14seiz\x14\0"


def write_corpus(root):
    """Write recordings that come through, that are repaired, and that are refused, each telling in its own way."""
    good = telling_edf()
    files = {
        "p1_1.edf": good,
        "p1_1.tsv": EVENTS.encode(),
        "p1_2.edf": telling_edf(seed=1, patient="MCH-0234567 F 02-MAY-1951 Müller_Jürgen".encode("latin-1")),
        "p1_2.csv": b"# Patient: Haagse, Harry * 02.05.1951\n# duration = 40.0 secs\n"
        b"channel,start_time,stop_time,label,confidence\nFP1-F7,10,20,fnsz,1.0\n",
        "p2_1.edf": telling_edf(seed=2, record_texts=LABELLED + FREE_TEXT),
        "p2_2.edf": telling_edf(seed=3, record_texts=LABELLED),
        "p2_3.edf": telling_edf(seed=4, claimed=-1, start=b"02.05.1951 Harry") + b"Haagse Harry 02.05.1951",
        "p3_1.edf": good[5:],
        "p3_2.edf": good[:40] + good[43:],
        "p3_3.edf": good[:300] + good[316:],
        "p3_4.edf": good[:120] + b"xyz" + good[120:],
        "p3_5.edf": PATIENT + RECORDING + b"?",
        "p3_6.edf": good.replace(b"128     ", b"Harry   ", 1),
        "p3_7.edf": good.decode("latin-1").encode(),
        "p4_1.edf": good,
        "p4_1.tsv": b"onset\tduration\teventType\n5\t2\tHaagse Harry 02.05.1951 fell down\n",
        "p4_2.edf": good,
        "p4_2.tsv": b"onset\tduration\teventType\nHarry\tHaagse\tsz\n",
        "p4_3.edf": good,
        "p4_3.csv": b"channel,start_time,stop_time,label\nFP1-F7,1,2,seiz,Haagse Harry,02.05.1951\n",
        "p4_4.edf": good,
        "p4_4.tsv": b"Patient\tHaagse, Harry\tborn 02.05.1951\nonset\tduration\teventType\n1\t2\tsz\n",
        "p4_5.edf": good,
        "p4_5.csv": b"Patient,Haagse Harry,02.05.1951\nchannel,start_time,stop_time,label\nTERM,1,2,seiz\n",
        "p5_1.edf": good,
        "p5_1.tsv": b"onset\tduration\teventType\tchannels\n12\t5\tsz\tHarry Haagse\n20\t5\tsz\tF3,Harry\n",
        "p5_2.edf": good,
        "p5_2.tsv": b"onset\tduration\teventType\n5\t2\tsz_harry_haagse\n",
        "p5_3.edf": good,
        "p5_3.tsv": b"onset\tduration\teventType\n5\t2\tHaagse\n",
        "participants.tsv": "participant_id\tname\tbirth_date\tage\tsex\n"
        "p1\tHaagse, Harry\t1951-05-02\t50\tF\np2\tMüller, Jürgen\t02.05.1951\tHarry\tF\n".encode(),
        "letter.txt": b"Dear Dr Okonkwo, Harry Haagse (02.05.1951) ...",
    }
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root
