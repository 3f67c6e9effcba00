import pytest

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.annotation_tse import read_annotation_tse
from eeg_kedro.io.source_file import SourceFile

TEXT = "version = tse_v1.0.0\n\n0.0000 36.8868 bckg 1.0000\n36.8868 183.3055 fnsz 0.9000\n"


def _read(tmp_path, text):
    (tmp_path / "a.tse").write_text(text)
    return read_annotation_tse(SourceFile(str(tmp_path), "a.tse")).annotations


@pytest.mark.parametrize("head", ["", "# a comment\n"])
def test_rows_are_start_stop_label_and_probability(tmp_path, head):
    found = _read(tmp_path, head + TEXT.replace("v1.0.0", "v1.0.0\n# data starts here\n#"))
    assert [(a.onset, a.offset, a.label, a.confidence, a.channel) for a in found] == [
        (0, 36.8868, "bckg", 1, ""),
        (36.8868, 183.3055, "fnsz", 0.9, ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("version = tse_v1.0.0", "version = lbl_v1.0.0"),
        TEXT.replace("version = tse_v1.0.0\n", ""),
        TEXT + "1 2\n",
        TEXT + "1 2 a b c\n",
        TEXT + "5 4 seiz 1\n",
        TEXT + "x 4 seiz 1\n",
        "",
    ],
)
def test_anything_else_is_refused(tmp_path, text):
    with pytest.raises(AnnotationError):
        _read(tmp_path, text)
