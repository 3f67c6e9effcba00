"""The pass that changes samples: mend, filter, mix channels, take off drift, denoise; watch what passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.artefacts import CellWatcher, mark_spans, measure_baseline
from eeg_kedro.signal.burst_gate import BurstGate, plan_gate, split_bursts
from eeg_kedro.signal.component_search import ComponentSearch
from eeg_kedro.signal.denoise import DenoisePlan, denoise_blocks, plan_denoising
from eeg_kedro.signal.derivation import Derivation
from eeg_kedro.signal.drift import DriftOptions, remove_drift
from eeg_kedro.signal.examination import FALL_OFF, Examination, RawRepair
from eeg_kedro.signal.excerpt import BLOCK, SampleSource, plan_spans, read_excerpt
from eeg_kedro.signal.filters import FilterDesign, design_filter, filter_resample_blocks, resampled_length
from eeg_kedro.signal.quality import PER_SECOND, summarize_quality
from eeg_kedro.signal.spatial import SpatialPlan

if TYPE_CHECKING:
    from eeg_kedro.signal.cleaning import CleanOptions

Samples = NDArray[np.float32]
SAMPLE_MINUTES = 10.0  # of the signal at its final band: enough to know its noise and its size
USABLE = 0.45  # of a rate: what a recorder's own low-pass leaves
HIGH_PASSED = 0.3  # Hz; a high-pass from here on leaves no drift


@dataclass
class CleaningStream:
    """Everything the pass needs, decided beforehand; `blocks` is read once.

    Attributes
    ----------
    design : FilterDesign
        Band-pass, notch and change of rate.
    plan : SpatialPlan
        What happens between channels.
    stored : Derivation
        Which channels come out.
    referenced, cleaned : ndarray of float32, shape (n_out, n_recorded)
        What channels become before and after those components are removed that are there all the time.
    gate : BurstGate or None
        Components that are removed during their bursts.
    drift : DriftOptions or None
        How a baseline is taken off; None: not needed, or switched off, as ``drift_note`` says.
    drift_note : str
        See ``drift``.
    denoise : DenoisePlan or None
        Thresholds; None: switched off.
    before, after : CellWatcher or None
        Who notes artefacts; None: switched off.
    """

    source: SampleSource
    repair: RawRepair
    design: FilterDesign
    plan: SpatialPlan
    stored: Derivation
    referenced: Samples
    cleaned: Samples
    gate: BurstGate | None
    drift: DriftOptions | None
    drift_note: str
    denoise: DenoisePlan | None
    before: CellWatcher | None
    after: CellWatcher | None
    _removed: float = 0.0
    _power: float = 0.0

    @property
    def removed_share(self) -> float:
        """Share of the variance that components took with them, once the last block has passed."""
        return self._removed / self._power if self._power else 0.0

    @property
    def n_times(self) -> int:
        """Samples per channel that come out."""
        return resampled_length(self.source.n_times, self.design)

    def blocks(self) -> Iterator[Samples]:
        """Yield cleaned microvolts, shape (n_out, n)."""
        n_recorded = self.referenced.shape[1]
        raw = (block[:n_recorded] for block in self.source.blocks(BLOCK))
        mended = self.repair(raw, 0)
        stream = self._mix(filter_resample_blocks(mended, self.source.n_times, self.design))
        if self.drift:
            stream = remove_drift(stream, self.n_times, self.design.sfreq_out, self.drift)
        if self.denoise:
            stream = denoise_blocks(stream, self.n_times, self.denoise)
        for block in stream:
            if self.after:
                self.after.update(block)
            yield block

    def closing(self) -> dict[str, Any]:
        """Give quality and artefacts, known when the last block has passed.

        Returns
        -------
        dict
            ``quality``: JSON values; ``cells_before`` and ``cells_after``: uint8 (n_out, n_seconds), one bit per kind
            of artefact; and float arrays per second. Empty where quality is switched off.
        """
        if self.before is None or self.after is None:
            return {}
        sfreq = self.design.sfreq_out
        before, after = self.before.cells(), self.after.cells()
        for cells, with_repaired in ((before, True), (after, False)):
            mark_spans(cells, "gap", self._gaps(), sfreq)
            mark_spans(cells, "pop", self._pops(with_repaired), sfreq)
        quality = summarize_quality(
            before,
            after,
            self.after.snr_db(),
            np.isin(self.stored.names, [*self.stored.interpolated, *self.stored.kept]),
            self.before.snr_db(),
            len(self.stored.masked),
        )
        seconds = {name: np.array(quality.pop(name), np.float32) for name in PER_SECOND}
        return {"quality": quality, "cells_before": before, "cells_after": after} | seconds

    def _gaps(self) -> Iterator[tuple[int, float, float]]:
        for gap in self.repair.gaps:
            for row in self._rows(gap.channel):
                yield row, gap.start / self.source.sfreq, gap.stop / self.source.sfreq

    def _pops(self, with_repaired: bool) -> Iterator[tuple[int, float, float]]:
        for pop in self.repair.pops:
            for row in self._rows(pop.channel) if with_repaired or not pop.repaired else ():
                yield row, pop.start / self.source.sfreq, pop.stop / self.source.sfreq

    def _rows(self, recorded: int) -> list[int]:
        """Find the stored channels that a recorded one is part of."""
        return [
            row
            for row, parts in enumerate(self.stored.parts)
            if any(self.plan.rows[part] == recorded for part in parts)
        ]

    def _mix(self, filtered: Iterator[Samples]) -> Iterator[Samples]:
        same = np.array_equal(self.cleaned, self.referenced)
        pairs = split_bursts(filtered, self.gate) if self.gate else ((block, None) for block in filtered)
        for block, bursts in pairs:
            mixed = self.referenced @ block
            if self.before:
                self.before.update(mixed)
            cleaned = self.cleaned @ block if not same else mixed if bursts is None else mixed.copy()
            if bursts is not None:
                cleaned -= bursts
            if bursts is not None or not same:
                taken = mixed - cleaned
                self._removed += float(np.einsum("ij,ij->", taken, taken))
                self._power += float(np.einsum("ij,ij->", mixed, mixed))
            yield cleaned


def plan_stream(
    source: SampleSource,
    found: Examination,
    plan: SpatialPlan,
    search: ComponentSearch,
    stored: Derivation,
    options: CleanOptions,
) -> CleaningStream:
    """Decide all that the pass needs, from ten minutes of the signal as it will be.

    Parameters
    ----------
    source : SampleSource
        The recording.
    found : Examination
        What is wrong with it.
    plan : SpatialPlan
        Interpolation and reference.
    search : ComponentSearch
        Components to remove.
    stored : Derivation
        Which channels come out.
    options : CleanOptions
        What to do.

    Raises
    ------
    ParameterError
        If the recorded rate cannot be brought to ``options.sfreq``.
    """
    design = design_filter(
        source.sfreq, options.sfreq, options.l_freq, options.h_freq, _notches(found, options)
    )
    n_recorded = plan.matrix.shape[1]
    spans = plan_spans(source.n_times, source.sfreq, len(found.excerpt), SAMPLE_MINUTES)
    sample = np.empty((n_recorded, 0), np.float32)
    if options.quality.enabled or options.wavelet.enabled or search.ica is not None:
        sample = read_excerpt(source, spans, design, found.repair)[:n_recorded]
    referenced = stored.of(plan.matrix).astype(np.float32)
    gate, cleaned = _plan_removal(plan, search, stored, sample, options)
    names, n_times = stored.names, resampled_length(source.n_times, design)
    watchers: list[CellWatcher | None] = [None, None]
    if options.quality.enabled:
        top = _highest(design)
        usual = measure_baseline(referenced @ sample, options.sfreq, options.quality, top)
        watchers = [
            CellWatcher(names, n_times, options.sfreq, stored.montage, usual, options.quality, top)
            for _ in range(2)
        ]
    floor = (
        plan_denoising(cleaned @ sample, options.sfreq, design.h_freq, options.wavelet)
        if options.wavelet.enabled
        else None
    )
    drift, note = _choose_drift(design, options.drift)
    return CleaningStream(
        source,
        found.repair.of(n_recorded),
        design,
        plan,
        stored,
        referenced,
        cleaned,
        gate,
        drift,
        note,
        floor,
        watchers[0],
        watchers[1],
    )


def _highest(design: FilterDesign) -> float:
    """Give the highest frequency that passes, Hz."""
    return min(design.h_freq or np.inf, USABLE * design.sfreq_in, USABLE * design.sfreq_out)


def _plan_removal(
    plan: SpatialPlan,
    search: ComponentSearch,
    stored: Derivation,
    sample: Samples,
    options: CleanOptions,
) -> tuple[BurstGate | None, Samples]:
    """Decide which components are removed during bursts, and give the matrix that removes the others always."""
    fields, filters, in_bursts = search.paths(plan)
    in_bursts &= options.ica.bursts
    matrix = stored.of(plan.matrix - fields[:, ~in_bursts] @ filters[~in_bursts])
    fields = stored.of(fields)
    if not in_bursts.any():
        return None, matrix.astype(np.float32)
    gate = plan_gate(fields[:, in_bursts], filters[in_bursts], sample, options.sfreq, options.ica.burst_ratio)
    return gate, matrix.astype(np.float32)


def _notches(found: Examination, options: CleanOptions) -> tuple[float, ...]:
    """Leave out harmonics that the low-pass takes anyway; what the user named is kept, and noted if unusable."""
    if options.notch != "auto" or options.h_freq is None:
        return found.notch_freqs
    return tuple(freq for freq in found.notch_freqs if freq <= FALL_OFF * options.h_freq)


def _choose_drift(design: FilterDesign, options: DriftOptions) -> tuple[DriftOptions | None, str]:
    if not options.enabled:
        return None, "switched off"
    if design.l_freq is not None and design.l_freq >= HIGH_PASSED:
        return None, f"the high-pass at {design.l_freq:g} Hz leaves none"
    return options, f"baseline over {options.seconds:g} s taken off"
