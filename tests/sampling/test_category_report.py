import pandas as pd

from eeg_kedro.sampling.category_report import report_categories


def test_runs_without_windows_are_named_with_the_cause():
    recordings = pd.DataFrame(
        [
            ("a", "1", 3600.0, True, "done"),
            ("a", "2", 5.0, True, "done"),
            ("b", "1", 0.0, True, "failed"),
            ("b", "2", 60.0, False, "done"),
        ],
        columns=["participant", "run", "duration", "annotated", "state"],
    )
    windows = [("a", "1", "no_seizure"), ("a", "1", "full_seizure"), ("b", "2", None)]
    manifest = pd.DataFrame(windows, columns=["participant", "run", "category"])
    refused = pd.DataFrame(
        [("c", "c_windows.npz", "broken", "mend it")], columns=["participant", "path", "reason", "remedy"]
    )
    report = report_categories(recordings, manifest, refused).set_index("participant")
    assert report.loc["a", ["n_windows", "no_seizure", "partial_seizure", "full_seizure"]].tolist() == [
        2,
        1,
        0,
        1,
    ]
    assert (report.loc["a", "short_runs"], report.loc["b", "failed_runs"]) == ("2", "1")
    assert report.loc["b", ["unannotated_runs", "unannotated_windows"]].tolist() == ["2", 1]
    assert report.loc["c", "refused_files"] == "c_windows.npz: broken (mend it)"
