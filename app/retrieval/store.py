"""The vectors of a list of texts in Chroma, kept in the cache folder, searched through LangChain's retriever.

Chroma opens a folder whose files are missing or damaged without a word and answers with fewer hits, so what it
holds is counted and probed before it is trusted; anything amiss is thrown away and built anew.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import PresendError

if TYPE_CHECKING:
    import numpy as np

FOLDER = "presend-index"
# With these settings the graph search found all of the exact nearest 40 of 2,049 situations, for each of 400.
CONFIGURATION = {"hnsw": {"space": "cosine", "ef_search": 400, "ef_construction": 200, "max_neighbors": 32}}
# Seconds to wait for another program that is building the index.
PATIENCE = 120
Embed = Callable[[Sequence[str]], "np.ndarray"]


class Unsound(Exception):
    """The collection does not hold what it should."""


class Store:
    """A searchable list of texts. `vectors` has one row a text; `kept` tells whether a folder holds them."""

    def __init__(self, owner: str, model: str, texts: Sequence[str], embed: Embed, cache: Path | None) -> None:
        """Open the collection of these texts in `cache`, or build it.

        `owner` is whose texts these are: an older collection of the same owner is deleted; `family` is what its
        names begin with. `model` names the encoder behind `embed`. Without a cache folder that can be written,
        everything stays in memory.
        """
        content = hashlib.blake2b(json.dumps([model, CONFIGURATION, list(texts)]).encode(), digest_size=8).hexdigest()
        self.family = f"presend-{hashlib.blake2b(owner.encode(), digest_size=4).hexdigest()}-"
        self.name = self.family + content
        self._texts = texts
        self._embed = embed
        self.kept = cache is not None and self._open_folder(cache / FOLDER)
        if not self.kept:
            self._open_memory()

    def nearest(self, question: str, k: int) -> list[int]:
        """Give the rows of the `k` texts nearest to the question, nearest first."""
        try:
            found = self._search(question, k)
        except PresendError:
            raise
        except Exception:  # another process may have deleted the collection or its files
            self.kept = False
            self._open_memory()
            found = self._search(question, k)
        return [int(document.id) for document in found]

    def _search(self, question: str, k: int) -> list:
        return self._langchain.as_retriever(search_kwargs={"k": min(k, len(self._texts))}).invoke(question)

    def _open_folder(self, folder: Path) -> bool:
        """Use the collection in the folder; gives False when it cannot be written or trusted."""
        from filelock import FileLock, Timeout

        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Two programs that make a new folder at the same time can break it.
            with FileLock(folder.with_suffix(".lock"), timeout=PATIENCE):
                return self._use_folder(folder)
        except (OSError, Timeout):
            return False

    def _use_folder(self, folder: Path) -> bool:
        """As `_open_folder`; a folder that cannot be trusted is deleted.

        Chroma keeps a broken folder's state until the process ends, so it is the next run that builds it anew.
        """
        try:
            client = _persistent(folder)
            self._take(client)
            self._delete_older(client)
        except PresendError:
            raise
        except Exception:  # damage shows as errors of many kinds, from Chroma, SQLite and the file system
            shutil.rmtree(folder, ignore_errors=True)
            return False
        return True

    def _open_memory(self) -> None:
        import chromadb

        self._take(chromadb.EphemeralClient(settings=_settings()))

    def _take(self, client) -> None:
        """Use the client's collection, filled and proven. Raises Unsound when it cannot be trusted."""
        collection = client.get_or_create_collection(
            self.name, configuration=CONFIGURATION, embedding_function=None
        )
        if collection.count() != len(self._texts):
            self._fill(client, collection)
        self.vectors = self._read(collection)
        self._probe(collection)
        self._langchain = _langchain(client, self.name, self._embed)

    def _fill(self, client, collection) -> None:
        vectors = self._embed(self._texts)
        step = client.get_max_batch_size()
        for begin in range(0, len(self._texts), step):
            rows = range(begin, min(begin + step, len(self._texts)))
            collection.upsert(
                ids=[str(row) for row in rows],
                embeddings=vectors[rows.start : rows.stop],
                documents=[self._texts[row] for row in rows],
            )

    def _read(self, collection) -> np.ndarray:
        import numpy as np

        held = collection.get(include=["embeddings"])
        rows = [int(name) for name in held["ids"]]
        if sorted(rows) != list(range(len(self._texts))):
            raise Unsound("texts are missing")
        vectors = np.zeros((len(rows), len(held["embeddings"][0])), np.float32)
        vectors[rows] = held["embeddings"]
        if not np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3):
            raise Unsound("vectors are damaged")
        return vectors

    def _probe(self, collection) -> None:
        import numpy as np

        count = len(self._texts)
        wanted = min(5, count)
        for row in {0, count // 2, count - 1}:
            found = collection.query(query_embeddings=self.vectors[[row]], n_results=wanted, include=["distances"])
            nearest = np.sort(1 - self.vectors @ self.vectors[row])[:wanted]
            if not np.allclose(found["distances"][0], nearest, atol=1e-3):
                raise Unsound("the search does not find what is there")

    def _delete_older(self, client) -> None:
        for collection in client.list_collections():
            if collection.name.startswith(self.family) and collection.name != self.name:
                client.delete_collection(collection.name)


def _settings():
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)


def _persistent(folder: Path):
    import chromadb

    return chromadb.PersistentClient(str(folder), settings=_settings())


def _langchain(client, name: str, embed: Embed):
    import langsmith

    # A tracing variable in the user's shell would send every question to a server; this call beats them all.
    langsmith.configure(enabled=False)
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings

    class Embedded(Embeddings):
        def embed_query(self, text: str) -> list[float]:
            return embed([text])[0].tolist()

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return embed(texts).tolist()

    return Chroma(name, embedding_function=Embedded(), client=client, create_collection_if_not_exists=False)
