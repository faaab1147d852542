"""The ways by which events leave Laurels."""
