"""Fine-tuning from the windows to the last checkpoint: every network with every seed, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from eeg_kedro.training.detector_plan import DetectorPlan, plan_detectors
from eeg_kedro.training.finetune_job import FinetuneJob, open_sides
from eeg_kedro.training.finetune_task import FinetuneTask
from eeg_kedro.training.seizure_priors import effective_prior
from eeg_kedro.training.single_run import SingleRun, run_alone
from eeg_kedro.training.task import StepReport, TrainingReport

if TYPE_CHECKING:
    from eeg_kedro.training.detection_batches import DetectionSide
    from eeg_kedro.training.ranks import Ranks

OnStep = Callable[[StepReport], None]
OnNotice = Callable[[str], None]


def finetune(
    job: FinetuneJob,
    on_step: OnStep | None = None,
    on_notice: OnNotice | None = None,
    on_warning: OnNotice | None = None,
) -> Iterator[TrainingReport]:
    """Train, and report every state that is worth keeping; who calls this saves it in ``job.store_folder``.

    Parameters
    ----------
    job : FinetuneJob
        What to train on what.
    on_step : callable, optional
        Told where the training is, every few seconds.
    on_notice, on_warning : callable, optional
        Told, as sentences, what was decided, and what may not be what was meant.

    Yields
    ------
    TrainingReport
        At each end of an epoch and every ``loop.save_steps`` steps of each network. Where nothing is left to train,
        its last one.

    Raises
    ------
    ParameterError
        If options and data do not fit together; a weighted loss on balanced windows is one such case.
    StaleError
        If windows were cut or drawn anew since, or ``balance`` changed.
    CheckpointError
        If a last checkpoint is of another run, or damaged.
    BusyError
        If a model of the same name is being trained at this moment.
    NonFiniteError
        If a loss, a gradient or a sample is not a number.
    """
    say = on_notice or (lambda _: None)
    sides = open_sides(job)
    plans = plan_detectors(job)
    _say_what(job, sides, say, on_warning or say)
    for number, plan in enumerate(plans, 1):
        say(f"network {number} of {len(plans)}: {plan.name}")
        yield from run_alone(_run(job, plan), _maker(job, plan, sides), on_step, say)


def _run(job: FinetuneJob, plan: DetectorPlan) -> SingleRun:
    options = job.options
    return SingleRun(
        plan.about,
        options.loop,
        plan.seed,
        job.store_folder,
        "finetune",
        options.resume,
        options.device,
    )


def _maker(
    job: FinetuneJob, plan: DetectorPlan, sides: tuple[DetectionSide, DetectionSide]
) -> Callable[[Ranks], FinetuneTask]:
    begins = plan.variant == "pretrained" and job.pretrained is not None
    weights = job.pretrained.weights if begins and job.pretrained is not None else None
    return lambda ranks: FinetuneTask(plan, job.options, sides, job.weight, ranks, weights)


def _say_what(
    job: FinetuneJob, sides: tuple[DetectionSide, DetectionSide], say: OnNotice, warn: OnNotice
) -> None:
    train, validation = (side.draw(0).size for side in sides)
    who = len(job.participants("train"))
    say(
        f"{train} training windows of {who} participants, {validation} of validation, {len(job.ch_names)} channels"
    )
    say(
        f"seizure is {job.drawn_prior:.1%} of what is trained on and {job.true_prior:.2%} of what was recorded"
    )
    if job.options.redraw:
        say(
            f"windows without seizure, and full ones, are drawn anew in each epoch with balance.seed={job.balance.seed}"
        )
    if job.weight != 1.0:
        told = effective_prior(job.drawn_prior, job.weight)
        say(f"seizure weighs {job.weight:.3g} in the loss: to the model it is {told:.0%} of all time")
    if not validation:
        warn(
            "no participants to validate on: every network trains to its last epoch, and nothing says which is best"
        )
