import mne
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.errors import ElectrodeError
from eeg_kedro.io.asa_electrodes import read_asa

WHOLE = """# ASA electrode file
ReferenceLabel avg
UnitPosition mm
NumberPositions= 2
Positions
Fp1 : -29.4 83.9 -7
Cz : 0.4 -9.2 100.2
Labels
Fp1 Cz
"""
names = st.from_regex(r"[A-Z][A-Za-z]{0,3}[0-9]{0,3}'?", fullmatch=True)
numbers = st.floats(-1e4, 1e4, allow_nan=False)
tables = st.dictionaries(names.filter(str.isupper), st.tuples(numbers, numbers, numbers), min_size=1)


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "cap.elc"
        path.write_text(text)
        return path

    return write


def as_text(table, unit, prefixed, in_one_line):
    rows = [" ".join(map(repr, place)) for place in table.values()]
    rows = [f"{name} : {row}" for name, row in zip(table, rows, strict=True)] if prefixed else rows
    labels = [" ".join(table)] if in_one_line else [*table]
    head = ["# made here", f"UnitPosition\t{unit}", f"NumberPositions=\t{len(table)}", "Positions"]
    return "\n".join([*head, *rows, "Labels", *labels]) + "\n"


@given(table=tables, prefixed=st.booleans(), in_one_line=st.booleans())
def test_what_was_written_is_read_in_every_style(tmp_path_factory, table, prefixed, in_one_line):
    path = tmp_path_factory.mktemp("elc") / "x.elc"
    path.write_text(as_text(table, "mm", prefixed, in_one_line))
    assert read_asa(path) == table
    assert [*read_asa(path)] == [*table]


@pytest.mark.parametrize(("unit", "factor"), [("mm", 1), ("cm", 10), ("m", 1000)])
def test_every_unit_becomes_millimeters(written, unit, factor):
    path = written(as_text({"CZ": (1.0, 2.0, -3.0)}, unit, True, True))
    assert read_asa(path)["CZ"] == pytest.approx((factor, 2 * factor, -3 * factor))


@pytest.mark.parametrize("name", ["colin27_1005.elc", "colin27_1020.elc"])
def test_real_files_are_read_as_mne_reads_them(shared_data, name):
    path = shared_data / "electrodes" / name
    found = read_asa(path)
    montage = mne.channels.read_custom_montage(path, head_size=None).get_positions()["ch_pos"]
    assert {*found} == {*montage, "Nz", "LPA", "RPA"}
    ours = np.array([found[label] for label in montage]) / 1000
    np.testing.assert_allclose(ours, [*montage.values()], atol=1e-12)


def test_labels_before_the_positions_are_enough(written):
    assert [*read_asa(written(WHOLE.partition("Labels")[0]))] == ["Fp1", "Cz"]


def test_what_else_a_digitizer_writes_is_left_out(written):
    more = "Positions2D\nFp1 : 1 2\nCz : 3 4\nNumberHeadShapePoints= 1\nHeadShapePoints\n5 6 7\n"
    assert read_asa(written(WHOLE + more)) == read_asa(written(WHOLE))


def test_old_labels_may_have_spaces(written):
    text = WHOLE.replace("Fp1 : ", "").replace("Cz : ", "").replace("Fp1 Cz", "Left ear\nCz")
    assert [*read_asa(written(text))] == ["Left ear", "Cz"]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("UnitPosition mm", "", "no unit of length"),
        ("UnitPosition mm", "UnitPosition inch", "inch"),
        ("\nPositions", "\n", "no line Positions"),
        ("NumberPositions= 2", "NumberPositions= 3", "another number of positions"),
        ("NumberPositions= 2", "NumberPositions= two", "two"),
        ("83.9 -7", "83.9", "not three numbers"),
        ("83.9 -7", "83.9 -7 1", "not three numbers"),
        ("83.9", "83,9", "83,9"),
        ("83.9", "nan", "not finite"),
        ("Fp1 Cz", "Fp1 Cz Pz", "3 labels"),
        ("Fp1 Cz", "Fp1", "1 labels"),
        ("Fp1 Cz", "Cz Fp1", "not those below Labels"),
        ("Fp1 :", ":", "have no label|not those"),
        ("Fp1", "CZ", "stands twice"),
    ],
)
def test_an_odd_file_is_refused_by_name_and_with_a_remedy(written, old, new, what):
    with pytest.raises(ElectrodeError, match=what) as caught:
        read_asa(written(WHOLE.replace(old, new)))
    assert caught.value.file == "cap.elc"
    assert caught.value.value is not None
    assert "pretrain.electrode_file" in caught.value.remedy


def test_positions_without_any_label_are_refused(written):
    text = WHOLE.partition("Labels")[0].replace("Fp1 : ", "").replace("Cz : ", "")
    with pytest.raises(ElectrodeError, match="have no label"):
        read_asa(written(text))


def test_a_file_without_positions_is_refused(written):
    with pytest.raises(ElectrodeError, match="has no positions"):
        read_asa(written("UnitPosition mm\nPositions\nLabels\n"))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x81"])
def test_an_empty_or_binary_file_is_refused(tmp_path, content):
    (tmp_path / "x.elc").write_bytes(content)
    with pytest.raises(ElectrodeError, match=r"x\.elc"):
        read_asa(tmp_path / "x.elc")


def test_a_missing_file_is_named_without_its_folder(tmp_path):
    with pytest.raises(ElectrodeError, match="cannot be read") as caught:
        read_asa(tmp_path / "absent.elc")
    assert str(tmp_path) not in str(caught.value)
