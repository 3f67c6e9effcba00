"""What the corpora of the field write in the label field, as lists; real headers are tested in place."""


def words(text):
    return text.split()


STANDARD = words("Fp1 F3 C3 P3 O1 F7 T3 T5 Fz Cz Pz Fp2 F4 C4 P4 O2 F8 T4 T6")
NEW = {"T3": "T7", "T5": "P7", "T4": "T8", "T6": "P8"}

TUSZ_AR = [
    *(f"EEG {name.upper()}-REF" for name in (*STANDARD, "A1", "A2", "T1", "T2")),
    "EEG EKG1-REF", "EEG LUC-REF", "EEG RLC-REF", "EEG LOC-REF", "EEG ROC-REF", "EMG-REF", "EEG C3P-REF", "EEG SP1-REF",
    *(f"EEG {number}-REF" for number in range(20, 33)),
    "EEG RESP1-REF", "PHOTIC-REF", "IBI", "BURSTS", "SUPPR", "PULSE RATE", "DC1-DC",
]  # fmt: skip
TUSZ_LE = [f"EEG {name.upper()}-LE" for name in STANDARD] + [
    "EEG EKG-LE",
    "PHOTIC PH",
    "IBI",
    "BURSTS",
    "SUPPR",
]
CHBMIT = words(
    "FP1-F7 F7-T7 T7-P7 P7-O1 FP1-F3 F3-C3 C3-P3 P3-O1 FP2-F4 F4-C4 C4-P4 P4-O2 FP2-F8 F8-T8 T8-P8 P8-O2 FZ-CZ CZ-PZ "
    "P7-T7 T7-FT9 FT9-FT10 FT10-T8 T8-P8"
)
CHBMIT_DUMMIES = [*CHBMIT[:4], "-", *CHBMIT[4:], "-", "ECG", "VNS", ".", "FC1-Ref"]
CHBMIT_UNIPOLAR = [
    *(f"{name}-CS2" for name in words("F7 T7 P7 FP1 F3 C3 P3 O1 FZ CZ PZ FP2 F4 C4 P4 O2 F8 T8 P8 C2 C6 CP2")),
    "LOC-ROC", "EKG1-CHIN",
]  # fmt: skip
SIENA = [
    *(f"EEG {name}" for name in (*STANDARD, "Fc1", "Fc5", "Cp1", "Cp5", "F9", "Fc2", "Fc6", "Cp2", "Cp6", "F10")),
    "EKG EKG", "SPO2", "HR", "1", "2", "MK",
]  # fmt: skip
# as the list of PN16 has it: O1 is the fifth
SIENA_PN16 = [
    *(f"EEG {name}" for name in words("Fp1 F3 C3 P3")), "1",
    *(f"EEG {name}" for name in words("F7 T5 Fc1 Fc5 Cp1 Cp5 F9 Fz Pz F4 C4 P4 O2 F8 T4 T6 Fc2 Fc6 Cp2 Cp6 F10")),
    "EKG 1", "EKG 2", "EEG Fp2", "EEG T3", "EEG Cz",
]  # fmt: skip
HELSINKI = [*(f"EEG {name}-Ref" for name in STANDARD), "ECG EKG", "Resp Effort"]
SEIZEIT2 = ["BTEleft SD", "CROSStop SD"]
SEIZEIT2_MOVEMENT = ["EEG SD ACC X", "EEG SD ACC Y", "EEG SD GYR A", "ECG SD ACC X"]
HMS = [*STANDARD, "EKG"]
MUSE = ["TP9", "AF7", "AF8", "TP10"]
OPENBCI = [f"EXG Channel {number}" for number in range(8)]
SLEEP_EDF = ["EEG Fpz-Cz", "EEG Pz-Oz", "EOG horizontal", "Resp oro-nasal", "EMG submental", "Event marker"]
NIHON_KOHDEN = [
    *(f"EEG {name}-Ref" for name in STANDARD),
    "EEG A1-Ref",
    "POL E",
    "POL DC01",
    "POL $A1",
    "EEG Mark1",
]
MASS = [f"EEG {name}-CLE" for name in STANDARD] + [
    "EOG Left Horiz",
    "EMG Chin1",
    "ECG ECGI",
    "Resp Belt Thor",
]
TCP = words(
    "FP1-F7 F7-T3 T3-T5 T5-O1 FP2-F8 F8-T4 T4-T6 T6-O2 A1-T3 T3-C3 C3-CZ CZ-C4 C4-T4 T4-A2 "
    "FP1-F3 F3-C3 C3-P3 P3-O1 FP2-F4 F4-C4 C4-P4 P4-O2"
)
