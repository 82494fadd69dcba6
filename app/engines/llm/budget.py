"""What one request of the user may take and took: wall-clock time, cancelling, tokens and cost."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

RESERVE = 0.1  # of the time is kept back for the offline engine, which answers when the model does not
MOST_RESERVE = 2.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests made, tokens read and written; `counted` is False when the server did not say and presend estimated."""

    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    counted: bool = True

    def plus(self, other: Usage) -> Usage:
        """Add up."""
        counted = self.counted and other.counted
        return Usage(self.requests + other.requests, self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out, counted)

    def cost(self, price_in: float, price_out: float) -> float | None:
        """Give the cost at these prices of a million tokens, or None when no price is known."""
        if not price_in and not price_out:
            return None
        return (self.tokens_in * price_in + self.tokens_out * price_out) / 1_000_000

    def sentence(self, price_in: float, price_out: float) -> str:
        """Say it in words."""
        about = "" if self.counted else "about "
        cost = self.cost(price_in, price_out)
        money = f", which cost {cost:.4f} at the prices in the settings" if cost is not None else ""
        asked = "one request" if self.requests == 1 else f"{self.requests} requests"
        return f"The model read {about}{self.tokens_in:,} and wrote {about}{self.tokens_out:,} tokens in {asked}{money}."


class Budget:
    """The time left for one request of the user, and what it has used; `cancel` ends it from another thread."""

    def __init__(self, seconds: float):
        self.seconds = seconds
        self._end = time.monotonic() + seconds - min(MOST_RESERVE, RESERVE * seconds)
        self._cancelled = threading.Event()
        self.usage = Usage()

    @property
    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._end - time.monotonic())

    @property
    def cancelled(self) -> bool:
        """Whether somebody has called `cancel`."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Stop the request that runs and make no other."""
        self._cancelled.set()

    def spend(self, usage: Usage) -> None:
        """Add what a request has used."""
        self.usage = self.usage.plus(usage)
