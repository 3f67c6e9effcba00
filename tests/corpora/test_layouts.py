import pytest

from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.layouts import choose_layout
from eeg_kedro.errors import LayoutError

FITTING = {
    "tusz": "edf/train/aaaaaaac/s001_2002/01_tcp_ar/aaaaaaac_s001_t000.edf",
    "chbmit": "chb17/chb17a_03.edf",
    "bids": "sub-01/ses-01/eeg/sub-01_ses-01_task-rest_run-01_eeg.bdf",
    "flat": "anything.EDF",
}


@pytest.mark.parametrize(("layout", "name"), FITTING.items())
def test_auto_recognizes_each_layout_by_its_names(tmp_path, layout, name):
    assert choose_layout(FolderListing(tmp_path, (name,)))[0] == layout


def test_tables_with_a_sidecar_that_states_a_rate_are_csv(corpus):
    corpus.text("a_1.csv", "FP1,F3\n1,2\n")
    corpus.text("a_1.json", '{"sfreq": 256, "unit": "uV"}')
    assert choose_layout(FolderListing(corpus.root, ("a_1.csv", "a_1.json")))[0] == "csv"


def test_auto_refuses_to_guess_between_two_layouts(tmp_path):
    files = FolderListing(tmp_path, (FITTING["chbmit"], FITTING["tusz"]))
    with pytest.raises(LayoutError, match="more than one layout") as caught:
        choose_layout(files)
    assert "tusz: 1 files" in caught.value.value
    assert "chbmit: 1 files" in caught.value.value


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(LayoutError, match="holds no file") as caught:
        choose_layout(FolderListing(tmp_path / "mine", ()))
    assert caught.value.file == "mine"


def test_a_folder_that_fits_nothing_says_what_it_holds(tmp_path):
    with pytest.raises(LayoutError, match=r"2 \.txt"):
        choose_layout(FolderListing(tmp_path, ("a.txt", "b.txt")))


def test_a_wrong_layout_names_the_one_that_fits(tmp_path):
    with pytest.raises(LayoutError, match="not the layout tusz") as caught:
        choose_layout(FolderListing(tmp_path, (FITTING["chbmit"],)), "tusz")
    assert "fits chbmit" in caught.value.value


def test_flat_may_be_chosen_for_any_folder_of_edf(tmp_path):
    assert choose_layout(FolderListing(tmp_path, (FITTING["tusz"],)), "flat")[0] == "flat"


FOREIGN = "sub-07/eeg/sub-07_task-x_run-01_events.tsv"
CHB_BIDS = "sub-chb01/eeg/sub-chb01_task-rest_run-3_events.tsv"
SEIZEIT1 = ("P_ID1/P_ID1_r1.edf", "P_ID1/P_ID1_r1_a1.tsv")


@pytest.mark.parametrize(
    ("special", "names"),
    [
        ("chbmit", (FITTING["chbmit"], FOREIGN)),
        ("chbmit", (FITTING["chbmit"], CHB_BIDS, FOREIGN)),
        ("chbmit", (FITTING["chbmit"], FITTING["bids"])),
        ("seizeit", (*SEIZEIT1, FOREIGN)),
    ],
)
def test_a_special_case_beside_a_foreign_bids_corpus_is_one_of_two(tmp_path, special, names):
    with pytest.raises(LayoutError, match="more than one layout") as caught:
        choose_layout(FolderListing(tmp_path, names))
    assert f"{special}: " in caught.value.value
    assert "bids: " in caught.value.value
    assert choose_layout(FolderListing(tmp_path, names), special)[0] == special


def test_bids_files_of_its_own_leave_a_special_case_alone(tmp_path):
    assert choose_layout(FolderListing(tmp_path, (FITTING["chbmit"], CHB_BIDS)))[0] == "chbmit"


@pytest.mark.parametrize(
    ("layout", "name"),
    [("helsinki", "eeg1.edf"), ("seizeit", "P_ID1_r1.edf"), ("siena", "PN00-1.edf")],
)
def test_a_named_layout_is_taken_where_recordings_are_named_as_its_own(corpus, layout, name):
    corpus.edf(name, seconds=2)
    assert corpus.survey().layout == "flat"
    survey = corpus.survey(layout)
    assert (survey.layout, len(survey.inventory)) == (layout, 1)
    assert survey.why == "chosen by the user; recordings are named as it expects"


def test_annotations_elsewhere_alone_are_no_reason_to_take_a_named_layout(corpus, tmp_path):
    corpus.edf("x_1.edf", seconds=2)
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "annotations_2017_A.csv").write_text("1,2\n" + "1,0\n" * 3)
    for layout in ("helsinki", "siena", "seizeit", "hms", "tusz"):
        with pytest.raises(LayoutError, match=f"not the layout {layout}"):
            corpus.survey(layout, annotations_root=str(tmp_path / "tables"))
