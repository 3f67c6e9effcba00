import pytest
import torch

from eeg_kedro.losses.trivial_predictors import TRIVIAL_PREDICTORS, trivial_predictions

KINDS = ["raw", "lowpass", "spectral"]


def flags(text):
    """Read `v` visible, `m` masked, `x` invalid."""
    return torch.tensor([[c == "m" for c in text]]), torch.tensor([[c != "x" for c in text]])


def predict(targets, text, kind="raw"):
    return trivial_predictions(targets, *flags(text), kind)


def by_brute_force(targets, visible, kind):
    """Say for one item, sample by sample, what `trivial_predictions` must say."""
    n_tokens, width = targets.shape
    found = {name: torch.zeros_like(targets) for name in TRIVIAL_PREDICTORS}
    seen = [t for t in range(n_tokens) if visible[t]]
    for t in range(n_tokens) if seen else ():
        nearest = min(seen, key=lambda s: (abs(s - t), s))
        found["copy_nearest"][t] = targets[nearest]
        found["channel_mean"][t] = targets[seen].mean(0) if kind == "spectral" else targets[seen].mean()
        for k in range(width):
            here, points = (t, [(s, s, k) for s in seen]) if kind == "spectral" else (
                t * width + k, [(s * width + j, s, j) for s in seen for j in range(width)]
            )  # fmt: skip
            before = max((p for p in points if p[0] <= here), default=min(points))
            after = min((p for p in points if p[0] >= here), default=max(points))
            share = (here - before[0]) / max(after[0] - before[0], 1)
            left, right = targets[before[1:]], targets[after[1:]]
            found["linear_interpolation"][t, k] = left + (right - left) * share
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(6))
def test_predictions_are_those_of_brute_force(kind, seed):
    random = torch.Generator().manual_seed(seed)
    targets = torch.randn(5, 9, 3, generator=random, dtype=torch.float64)
    valid, masked = (torch.rand(2, 5, 9, generator=random) < torch.tensor([0.8, 0.6])[:, None, None]).unbind()
    found = trivial_predictions(targets, masked & valid, valid, kind)
    assert (*found,) == TRIVIAL_PREDICTORS
    for item in range(5):
        expected = by_brute_force(targets[item], (valid & ~masked)[item], kind)
        for name in TRIVIAL_PREDICTORS:
            torch.testing.assert_close(
                found[name][item], expected[name], msg=lambda text, n=name: f"{n}: {text}"
            )


def test_a_straight_line_is_interpolated_without_error():
    line = (0.5 * torch.arange(24.0) - 3).view(1, 6, 4)
    torch.testing.assert_close(predict(line, "vmmxmv")["linear_interpolation"], line)


def test_interpolation_is_level_at_the_ends():
    line = torch.arange(12.0).view(1, 6, 2)
    found = predict(line, "mmvvxm")["linear_interpolation"].view(-1)
    assert found.tolist() == [4, 4, 4, 4, 4, 5, 6, 7, 7, 7, 7, 7]


def test_of_two_equally_near_tokens_the_earlier_is_copied():
    tokens = torch.arange(5.0).view(1, 5, 1)
    assert predict(tokens, "vmmmv")["copy_nearest"].flatten().tolist() == [0, 0, 0, 4, 4]


def test_the_mean_of_spectra_is_taken_bin_by_bin():
    spectra = torch.tensor([[[1.0, 10.0], [9.0, 90.0], [3.0, 30.0]]])
    assert predict(spectra, "vmv", "spectral")["channel_mean"][0, 1].tolist() == [2, 20]
    assert predict(spectra, "vmv", "raw")["channel_mean"][0, 1].tolist() == [11, 11]


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_without_any_visible_token_is_predicted_as_zeros(kind):
    found = predict(torch.full((1, 4, 2), 7.0), "mmxm", kind)
    assert all((said == 0).all() for said in found.values())


@pytest.mark.parametrize("kind", KINDS)
def test_masked_and_invalid_tokens_are_not_looked_at(kind):
    clean = torch.randn(1, 7, 3)
    spoiled = clean.clone()
    spoiled[:, [1, 2, 4]] = float("nan")
    before, after = predict(clean, "vmxvmvv", kind), predict(spoiled, "vmxvmvv", kind)
    assert all(torch.equal(before[name], after[name]) for name in TRIVIAL_PREDICTORS)


def test_an_empty_batch_has_empty_predictions():
    nothing = torch.zeros(0, 4, dtype=torch.bool)
    found = trivial_predictions(torch.zeros(0, 4, 2), nothing, nothing, "raw")
    assert {said.shape for said in found.values()} == {(0, 4, 2)}
