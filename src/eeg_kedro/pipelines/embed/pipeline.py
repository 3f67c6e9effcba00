"""embed: balanced windows + a pretrained encoder -> an embedder, the embeddings, and what they are worth."""

from kedro.pipeline import Node, Pipeline

from eeg_kedro.pipelines.embed.nodes import (
    JUDGED,
    TRAINED,
    choose_embedder,
    draw_embed_history,
    embed_windows,
    judge_embeddings,
    train_embedder,
)


def create_pipeline(**_: object) -> Pipeline:
    """Create the pipeline ``embed``."""
    return Pipeline(
        [
            Node(
                train_embedder,
                inputs=[
                    "input_balanced_windows",
                    "input_balanced_signals",
                    "prm_windows",
                    "model_pretrained",
                    "model_embedder_resume",
                    "params:embed",
                ],
                outputs={name: name for name in TRAINED},
                name="train_embedder",
                tags="embed",
            ),
            Node(
                choose_embedder,
                inputs=["model_embedder_last", "model_pretrained", "params:embed"],
                outputs="model_embedder",
                name="choose_embedder",
                tags="embed",
            ),
            Node(
                embed_windows,
                inputs=[
                    "model_embedder",
                    "input_balanced_windows",
                    "input_balanced_signals",
                    "params:embed",
                ],
                outputs="output_embeddings",
                name="embed_windows",
                tags="embed",
            ),
            Node(
                judge_embeddings,
                inputs=["output_embeddings", "params:embed"],
                outputs={name: name for name in JUDGED},
                name="judge_embeddings",
                tags="embed",
            ),
            Node(
                draw_embed_history,
                inputs="report_embed_history",
                outputs="report_embed_history_figure",
                name="draw_embed_history",
                tags="embed",
            ),
        ],
        namespace="embed",
        prefix_datasets_with_namespace=False,
    )
