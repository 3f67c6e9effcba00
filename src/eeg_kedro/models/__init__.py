"""Networks: torch and nothing else.

Axes, defined once: B items of a batch, T tokens of a sequence, L samples of a token, D width of the model
(``d_model``), E inner width (``expand * D``), H heads, P width of a head, N states of a head (``d_state``),
G groups, K width of what is predicted. In networks of windows also C channels, F width of features per token
(``window_encoder``) and E size of an embedding; there ``valid`` is (B, C) bool, the channels that are there, and
``real`` (B, T) bool, the tokens that are there. Signals are float32 in units of the training scale, never microvolts.
``valid`` (B, T) bool is True where a token is real; what stands elsewhere never reaches a valid token.
"""
