"""Nodes of ``fabricate``: one plan; the dataset writes it."""

from __future__ import annotations

import logging

from eeg_kedro.synthetic.corpus import FabricatedCorpus, plan_corpus
from eeg_kedro.synthetic.options import FabricateOptions

logger = logging.getLogger(__name__)


def fabricate_corpora(options: FabricateOptions) -> FabricatedCorpus:
    """Plan recordings with known content in every layout asked for; saving the plan makes the files."""
    corpus = plan_corpus(options)
    hours = sum(plan.seconds for plan in corpus.plans) / 3600
    seizures = sum(len(plan.seizures) for plan in corpus.plans)
    logger.info("planned %d recordings, %.2f h, %d seizures", len(corpus.plans), hours, seizures)
    return corpus
