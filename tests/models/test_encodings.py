import math

import torch

from eeg_kedro.models.encodings import SPATIAL_RMS, SpatialEncoding, TemporalEncoding, sinusoids, token_places


def test_the_map_of_places_is_the_same_in_every_model_and_is_not_learned():
    torch.manual_seed(1)
    first = SpatialEncoding(16)
    torch.manual_seed(2)
    assert torch.equal(first.weight, SpatialEncoding(16).weight)
    assert [*first.parameters()] == []
    assert [*first.state_dict()] == ["weight"]


def test_angles_between_electrodes_are_kept():
    places = torch.nn.functional.normalize(
        torch.randn(5, 3, generator=torch.Generator().manual_seed(0)), dim=1
    )
    encoded = SpatialEncoding(32)(places)
    torch.testing.assert_close(encoded @ encoded.T / (32 * SPATIAL_RMS**2), places @ places.T)


def test_an_encoded_place_is_of_one_size_at_every_width():
    for width in (4, 128):
        size = SpatialEncoding(width)(torch.eye(3)).square().mean(1).sqrt()
        torch.testing.assert_close(size, torch.full((3,), 0.3))


def test_places_in_a_sequence_run_to_one_and_padding_changes_none():
    short = torch.ones(1, 4, dtype=torch.bool)
    padded = torch.tensor([[True, False, True, True, False, False]])
    assert token_places(short).tolist() == [[0, 0.25, 0.5, 0.75]]
    assert torch.equal(token_places(padded)[:, :4], token_places(short))


def test_a_sequence_without_valid_tokens_has_finite_places():
    assert token_places(torch.zeros(1, 3, dtype=torch.bool)).isfinite().all()


def test_the_temporal_encoding_is_linear_in_t():
    encoded = TemporalEncoding(8)(torch.ones(2, 5, dtype=torch.bool))
    assert encoded.shape == (2, 5, 8)
    torch.testing.assert_close(encoded.diff(n=2, dim=1), torch.zeros(2, 3, 8), atol=1e-6, rtol=0)


def test_sinusoids_are_those_of_the_paper_for_even_and_odd_widths():
    for width in (6, 7):
        found = sinusoids(11, width, torch.zeros(1))
        for t, i in ((0, 0), (3, 1), (10, 4), (10, 5), (7, width - 1)):
            wave = math.cos if i % 2 else math.sin
            assert math.isclose(found[t, i], wave(t / 10_000 ** (i // 2 * 2 / width)), abs_tol=1e-5)
