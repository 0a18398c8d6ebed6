"""Which namespace a token or a consumer key belongs to, found without asking each of them."""

from __future__ import annotations


class Directory:
    """Owners of words. A word may have several; who listed it first is found."""

    def __init__(self) -> None:
        self._owners: dict[str, tuple[str, ...]] = {}

    def find(self, word: str) -> str | None:
        """The owner of `word`, or None."""
        owners = self._owners.get(word)
        return owners[0] if owners else None

    def listing(self, owner: str) -> Listing:
        """An empty listing for `owner`."""
        return Listing(owner, self._owners)


class Listing:
    """The words of one owner in a directory."""

    def __init__(self, owner: str, owners: dict[str, tuple[str, ...]]) -> None:
        self._owner = owner
        self._owners = owners
        self._words: set[str] = set()

    def add(self, word: str) -> None:
        """List `word`. Listing it again changes nothing."""
        if word not in self._words:
            self._words.add(word)
            self._owners[word] = (*self._owners.get(word, ()), self._owner)

    def discard(self, word: str) -> None:
        """Take `word` out, if it is listed."""
        if word not in self._words:
            return
        self._words.discard(word)
        left = tuple(owner for owner in self._owners[word] if owner != self._owner)
        if left:
            self._owners[word] = left
        else:
            del self._owners[word]

    def clear(self) -> None:
        """Take every word out."""
        for word in tuple(self._words):
            self.discard(word)
