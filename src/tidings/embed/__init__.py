"""Texts to vectors, from weights that come inside packages: usem.py for sixteen languages, minilm.py for English."""

from tidings.embed.minilm import MiniLmEmbedder, english_embedder
from tidings.embed.usem import UsemEmbedder

__all__ = ["MiniLmEmbedder", "UsemEmbedder", "english_embedder"]
