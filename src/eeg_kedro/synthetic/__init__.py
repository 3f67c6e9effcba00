"""Recordings with known content, written as the corpora a hospital or a public archive would deliver.

Reading order: ``electrodes`` and ``participant`` (who), ``states``, ``artefacts`` and ``seizures`` (what
happens when), ``noise``, ``background`` and ``rendering`` (how it looks), ``recording`` (one run), one
``*_layout`` module per corpus (file names, labels, annotations), ``corpus`` (all of it, on disk).
"""
