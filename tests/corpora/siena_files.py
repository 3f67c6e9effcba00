"""Seizure lists as the Siena Scalp EEG Database 1.0.0 has them, typos and all, and what they mean.

The times are those of its lists (Detti 2020, doi:10.13026/s309-a395, CC BY 4.0), written down by hand from several
published readers; nothing here was made with the parser under test.
"""

import datetime as dt

HEAD = """{participant}

Data Sampling Rate: 512 Hz

Channels in EDF files:
Channel 1: Fp1
Channel 5: 1

"""
BLOCK = """Seizure n {number}{aside}
File name: {file}
Registration start time: {start}
{end}Seizure start time: {onset}
Seizure end time: {offset}

"""
# participant: file, registration start and end ("" where it is not known to us), seizures
RECORDINGS = {
    "PN00": [
        ("PN00-1", "19.39.33", "20.22.58", [("19.58.36", "19.59.46")]),
        ("PN00-2", "02.18.17", "02.56.19", [("02.38.37", "02.39.31")]),
        ("PN00-3", "18.15.44", "18.57.13", [("18.28.29", "18.29.29")]),
        ("PN00-4", "20.51.43", "21.26.25", [("21.08.29", "21.09.43")]),
        ("PN00-5", "22.22.04", "22.57.27", [("22.37.08", "22.38.15")]),
    ],
    "PN01": [("PN01-1", "19.00.44", "", [("21.51.02", "21.51.56"), ("07.53.17", "07.54.31")])],
    "PN03": [
        ("PN03-1", "22.44.37", "", [("09.29.10", "09.31.01")]),
        ("PN03-2", "21.31.04", "", [("07.13.05", "07.15.18")]),
    ],
    "PN05": [
        ("PN05-2", "06.46.02", "", [("08.45.25", "08.46.00")]),
        ("PN05-3", "06.01.23", "", [("07.55.19", "07.55.49")]),
        ("PN05-4", "06.38.35", "", [("07.38.43", "07.39.22")]),
    ],
    "PN06": [
        ("PN06-1", "04.21.22", "", [("05.54.25", "05.55.29")]),
        ("PN06-2", "21.11.29", "00.41.49", [("23.39.09", "23.40.18")]),
        ("PN06-3", "06.25.51", "", [("08.10.26", "08.11.08")]),
        ("PN06-4", "11.16.09", "", [("12.55.08", "12.56.11")]),
        ("PN06-5", "13.24.41", "", [("14.44.24", "14.45.08")]),
    ],
    "PN07": [("PN07-1", "23.18.10", "", [("05.25.49", "05.26.51")])],
    "PN09": [
        ("PN09-1", "14.08.54", "", [("16.09.43", "16.11.03")]),
        ("PN09-2", "15.02.09", "", [("17.00.56", "17.01.55")]),
        ("PN09-3", "14.20.23", "", [("16.20.44", "16.21.48")]),
    ],
    "PN10": [
        ("PN10-1", "05.40.05", "", [("07.45.50", "07.46.59")]),
        ("PN10-2", "09.30.15", "", [("11.40.13", "11.41.04")]),
        ("PN10-3", "13.33.18", "", [("15.43.59", "15.45.02")]),
        (
            "PN10-4.5.6",
            "12.11.21",
            "16.48.49",
            [("12.49.50", "12.49.55"), ("14.00.25", "14.00.44"), ("15.18.26", "15.19.23")],
        ),
        (
            "PN10-7.8.9",
            "16.49.25",
            "20.58.40",
            [("17.35.13", "17.36.01"), ("18.20.24", "18.20.42"), ("20.24.48", "20.25.03")],
        ),
        ("PN10-10", "08.45.22", "", [("10.58.19", "10.58.33")]),
    ],
    "PN11": [("PN11-1", "11.31.25", "", [("13.37.19", "13.38.14")])],
    "PN12": [
        ("PN12-1.2", "15.51.31", "", [("16.13.23", "16.14.26"), ("18.31.01", "18.32.09")]),
        ("PN12-3", "08.42.35", "", [("08.55.27", "08.57.03")]),
        ("PN12-4", "15.59.19", "", [("18.42.51", "18.43.54")]),
    ],
    "PN13": [
        ("PN13-1", "08.24.28", "", [("10.22.10", "10.22.58")]),
        ("PN13-2", "06.55.02", "", [("08.55.51", "08.56.56")]),
        ("PN13-3", "12.00.01", "", [("14.05.54", "14.08.25")]),
    ],
    "PN14": [
        ("PN14-1", "11.44.58", "", [("13.46.00", "13.46.27")]),
        ("PN14-2", "15.50.13", "", [("17.54.52", "17.55.04")]),
        ("PN14-3", "19.17.45", "06.57.40", [("21.10.05", "21.10.46")]),
        ("PN14-4", "14.18.30", "", [("15.49.33", "15.50.56")]),
    ],
    "PN16": [
        ("PN16-1", "20.45.21", "23.03.11", [("22.45.05", "22.47.08")]),
        ("PN16-2", "00.53.55", "03.28.52", [("03.16.49", "03.18.36")]),
    ],
    "PN17": [
        ("PN17-1", "20.14.28", "", [("22.34.48", "22.35.58")]),
        ("PN17-2", "13.52.18", "", [("16.01.09", "16.02.32")]),
    ],
}
# participant: (as it should be, as the published list has it, how often); PN01 and PN12 have further quirks below
TYPOS = {
    "PN00": [("end time: 18.29.29", "end time: 19.29.29", 1)],
    "PN06": [(f"PN06-{number}.edf", f"PNO6-{number}.edf", 1) for number in (1, 2, 4)],
    "PN10": [
        ("start time: 16.49.25", "start time:1 6.49.25", 1),  # the first of three
        ("end time: 11.41.04", "end time: 11.41.04 opure 11.40.43", 1),
        (
            "start time: 15.43.59",
            "start time: 15.43.53 (CLINICAL ONSET); 15.43.59 (ELECTRIC ONSET)",
            1,
        ),
        ("start time: 15.18.26", "start time: 15.18.26 (CLINICAL ONSET)", 1),
    ],
    "PN11": [("PN11-1.edf", "PN11-.edf", 1)],
    "PN12": [
        ("16.13.23", "16:13.23", 1),
        # the second seizure names the file and does not repeat the registration
        (
            "n 2\nFile name: PN12-1.2.edf\nRegistration start time: 15.51.31\n",
            "n 2\nFile name: PN12-1.2.edf\n",
            1,
        ),
    ],
    "PN14": [
        ("start time: 19.17.45", "start time: 16.17.45", 1),
        ("start time: 14.18.30", "start time:14.18.30", 1),
    ],
}
PN01 = """File name: PN01.edf
Registration start time: 19.00.44
Registration end time: 08.29.41

Seizure n 1:
Start time: 21:51:02
End time: 21:51:56

Seizure n 2:
Start time: 07:53:17
End time: 07:54:31
"""


def clean_list(participant, recordings):
    """Write a list without a typo."""
    text, number = HEAD.format(participant=participant), 0
    for file, start, end, seizures in recordings:
        for onset, offset in seizures:
            number += 1
            aside = " (in sleep):" if number % 2 else ""
            line = f"Registration end time: {end}\n" if end else ""
            text += BLOCK.format(
                number=number,
                aside=aside,
                file=file + ".edf",
                start=start,
                end=line,
                onset=onset,
                offset=offset,
            )
    return text


def published_list(participant):
    """Write a participant's list with the typos of version 1.0.0."""
    text = clean_list(participant, RECORDINGS[participant])
    if participant == "PN01":
        return HEAD.format(participant=participant) + PN01
    for right, wrong, count in TYPOS.get(participant, []):
        assert right in text, right
        text = text.replace(right, wrong, count)
    return text


def seconds_between(start, clock):
    """Return the seconds from one clock time to the next time of the other, by the calendar."""
    day = dt.datetime(2020, 2, 28)
    first, then = (dt.datetime.combine(day, dt.time(*map(int, text.split(".")))) for text in (start, clock))
    then += dt.timedelta(days=then < first)
    return (then - first).total_seconds()


def expected_seizures():
    """Tell participant, run, onset and duration of every seizure."""
    return sorted(
        (
            participant,
            file.partition("-")[2].replace(".", "-"),
            seconds_between(start, onset),
            seconds_between(onset, offset),
        )
        for participant, recordings in RECORDINGS.items()
        for file, start, _, seizures in recordings
        for onset, offset in seizures
    )
