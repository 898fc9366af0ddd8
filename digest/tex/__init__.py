"""TeX in titles and abstracts to plain Unicode."""

from digest.tex.reading import read_tex

__all__ = ["read_tex"]
