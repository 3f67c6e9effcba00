import os
import struct
import zlib

import pytest

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.errors import LayoutError, SignalError
from eeg_kedro.io.source_file import SourceFile


@pytest.mark.parametrize(
    ("name", "participant", "run"),
    [
        ("Anna Schmidt 1_night 2.edf", "Anna-Schmidt-1", "night-2"),
        ("Jürgen_1.edf", "J-rgen", "1"),
        ("a..b_1.edf", "a-b", "1"),
        ("..c_1.edf", None, None),  # hidden by its first dot
        ("d'e;f$(g)_1.edf", "d-e-f-g", "1"),
    ],
)
def test_odd_file_names_become_safe_names_or_are_told(corpus, name, participant, run):
    corpus.edf("sub dir/ü.. /" + name, seconds=2)
    corpus.edf("plain_1.edf", seconds=2)
    survey = corpus.survey("flat")
    found = survey.inventory.set_index("participant")["run"].to_dict()
    assert found == {"plain": "1"} | ({participant: run} if participant else {})
    assert corpus.row(survey, f"sub dir/ü.. /{name}")["failed"] == (participant is None)


@pytest.mark.parametrize(
    ("name", "failed"), [(".a_1.edf", True), (".a_1.BDF", True), ("._a_1.edf", False), (".a_1.csv", False)]
)
def test_a_hidden_recording_is_lost_and_what_macos_hides_is_not(corpus, name, failed):
    corpus.edf("a_1.edf", seconds=2)
    corpus.text(name, "?")
    row = corpus.row(corpus.survey("flat"), name)
    assert (row["status"], row["failed"], "rename it" in row["remedy"]) == ("refused", failed, failed)


def test_a_name_cannot_lead_out_of_the_folder_of_windows(corpus):
    corpus.edf("deep/....._x.edf", seconds=2)
    corpus.edf("a_..edf", seconds=2)
    survey = corpus.survey("flat")
    for row in survey.inventory.to_dict("records"):
        assert os.sep not in row["participant"] + row["run"]
        assert "." not in row["participant"] + row["run"]


def _zip_bomb(size):
    """A zip of one member that says it holds ``size`` zeros, and does."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(bytes(size)) + packed.flush()
    name = b"a_1.edf"
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(body), size, len(name), 0)
    return b"PK\x03\x04" + fields + name + body


@pytest.mark.parametrize("name", ["a_1.edf.zip", "a_1.edf.gz", "b_1.bdf.xz"])
def test_packed_recordings_are_named_and_not_opened(corpus, monkeypatch, name):
    corpus.edf("c_1.edf", seconds=2)
    (corpus.root / name).write_bytes(_zip_bomb(1 << 24))
    opened = []
    monkeypatch.setattr(SourceFile, "open", _spy(SourceFile.open, opened))
    row = corpus.row(corpus.survey("flat"), name)
    assert (row["reason"], row["remedy"], row["failed"]) == ("a packed recording", "unpack it", True)
    assert name not in opened


def _spy(opener, opened):
    def spy(self):
        opened.append(self.relative)
        return opener(self)

    return spy


def test_an_archive_under_the_name_of_a_recording_is_refused(corpus):
    (corpus.root / "a_1.edf").write_bytes(_zip_bomb(1 << 20))
    corpus.edf("b_1.edf", seconds=2)
    assert "ZIP archive" in corpus.row(corpus.survey("flat"), "a_1.edf")["reason"]


def test_a_file_that_cannot_be_opened_is_told_and_the_rest_goes_on(corpus, monkeypatch):
    corpus.edf("a_1.edf", seconds=2)
    corpus.edf("b_1.edf", seconds=2)

    def stamp(self):
        if self.relative == "a_1.edf":
            raise SignalError("the file cannot be read", file=self.relative, value="Permission denied")
        return original(self)

    original = SourceFile.stamp
    monkeypatch.setattr(SourceFile, "stamp", stamp)
    survey = corpus.survey("flat")
    assert survey.inventory["participant"].tolist() == ["b"]
    assert "Permission denied" in corpus.row(survey, "a_1.edf")["reason"]


def test_a_loop_of_links_ends_and_is_told(corpus):
    corpus.edf("a/p_1.edf", seconds=2)
    (corpus.root / "a" / "b").symlink_to(corpus.root / "a", target_is_directory=True)
    (corpus.root / "self").symlink_to(corpus.root / "self")
    survey = corpus.survey("flat")
    assert survey.inventory["participant"].tolist() == ["p"]
    assert "link" in corpus.row(survey, "a/b/")["reason"] or "link" in corpus.row(survey, "a/b")["reason"]
    assert "self" in survey.report["path"].tolist()


def test_the_same_recording_twice_is_refused_twice(corpus):
    corpus.edf("p_1.edf", seconds=2)
    corpus.edf("copy/p_1.edf", seconds=2)
    survey = corpus.survey("flat")
    assert survey.inventory.empty
    assert "those of copy/p_1.edf too" in corpus.row(survey, "p_1.edf")["reason"]


def test_two_corpora_in_one_folder_are_not_guessed_at(corpus):
    corpus.edf("chb01/chb01_03.edf", seconds=2)
    corpus.edf("edf/train/aaaaaaac/s001_2002/01_tcp_ar/aaaaaaac_s001_t000.edf", seconds=2)
    with pytest.raises(LayoutError, match="fits more than one layout") as told:
        corpus.survey("auto")
    assert told.value.remedy == "choose one with corpus.layout, or point corpus.root at one corpus"
    assert list_folder(corpus.root).files == tuple(sorted(list_folder(corpus.root).files))


def test_a_link_of_git_annex_that_was_not_fetched_is_told_so(corpus):
    target = "../.git/annex/objects/aa/bb/SHA256E-s1--0.edf/SHA256E-s1--0.edf"
    (corpus.root / "f_1.edf").symlink_to(target)
    (corpus.root / "g_1.edf").symlink_to("nowhere.edf")
    survey = corpus.survey("flat")
    annexed = corpus.row(survey, "f_1.edf")
    assert "a link of git-annex whose content was not fetched" in annexed["reason"]
    assert "datalad get" in annexed["remedy"]
    assert "a link to a file that is not there" in corpus.row(survey, "g_1.edf")["reason"]


def test_an_archive_is_named_with_what_to_do_and_not_opened(corpus):
    corpus.edf("a_1.edf", seconds=2)
    (corpus.root / "more.zip").write_bytes(_zip_bomb(1 << 20))
    row = corpus.row(corpus.survey("flat"), "more.zip")
    assert (row["reason"], row["remedy"]) == ("an archive; never opened", "unpack it if it holds recordings")
