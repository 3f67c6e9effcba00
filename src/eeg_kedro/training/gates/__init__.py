"""Gates: what a pretrained encoder must show before anyone believes that it learned the signal."""
