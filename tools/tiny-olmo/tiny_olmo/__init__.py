"""TinyOLMo: a small written world, and the OLMo 3-architecture ladder that is trained on it."""
