from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from darajasim.core.directory import Directory

OWNERS = ("default", "blue", "green")
WORDS = st.sampled_from(["a", "b", "c"])


class DirectoryMachine(RuleBasedStateMachine):
    """Whatever is listed and taken out: who listed a word first, and still does, is found."""

    def __init__(self):
        super().__init__()
        self.directory = Directory()
        self.listings = {owner: self.directory.listing(owner) for owner in OWNERS}
        self.claims = []

    @rule(owner=st.sampled_from(OWNERS), word=WORDS)
    def add(self, owner, word):
        self.listings[owner].add(word)
        if (word, owner) not in self.claims:
            self.claims.append((word, owner))

    @rule(owner=st.sampled_from(OWNERS), word=WORDS)
    def discard(self, owner, word):
        self.listings[owner].discard(word)
        self.claims = [claim for claim in self.claims if claim != (word, owner)]

    @rule(owner=st.sampled_from(OWNERS))
    def clear(self, owner):
        self.listings[owner].clear()
        self.claims = [claim for claim in self.claims if claim[1] != owner]

    @invariant()
    def the_first_owner_is_found(self):
        for word in ("a", "b", "c", "never"):
            expected = next((owner for claimed, owner in self.claims if claimed == word), None)
            assert self.directory.find(word) == expected

    @invariant()
    def nothing_is_kept_for_nobody(self):
        assert set(self.directory._owners) == {word for word, _ in self.claims}


TestDirectoryMachine = DirectoryMachine.TestCase
TestDirectoryMachine.settings = settings(max_examples=40, stateful_step_count=20)
