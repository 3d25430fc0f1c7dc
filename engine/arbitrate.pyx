# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, embedsignature=True
"""Order the items that fired so that the first answers for the matter.

Fifth step: firing -> **arbitrate** -> departments. Declared `over` first, then
strong before supporting evidence, then specificity: the weight of a met
condition grows as fewer items use its concept, and more conditions weigh more.
What is close stays open; the second reader orders it. Reads no text.
Compiled (docs/decisions/0006-compiled-core.md).
"""

from engine.arrays cimport Ints, Lists, free_ints, free_lists, lay_out, push
from engine.concepts cimport PhraseIndex, Spot
from engine.facts cimport Passage
from engine.firing cimport Fired, Firing

__all__ = ["LIFT", "Arbiter", "Ranked", "rank"]

LIFT = 1.5

cdef double OVER = LIFT
cdef double FURTHER_CLAUSE = 0.2
cdef enum:
    CHAIN = 3  # overrides that follow from each other; lint refuses circles
    NEVER = -2  # the clause that an override waits for is not there


cdef class Ranked:
    """One item that fired, with what speaks for it; see `arbitrate.pyi`."""

    @property
    def best(self):
        return self.fired[0]

    @property
    def beaten(self):
        if self.edge >= 0:
            return self.arbiter.said[self.edge]
        if self.first < 0:
            return ""
        return "依据较弱" if self.weaker else self.arbiter.said_of_first[self.first]

    cdef int _mark(self) except -1:
        """Mark the concepts that are evidence for the best clause and stand in its passage."""
        cdef Fired one = self.fired[0]
        cdef PhraseIndex index = one.passage.scan.index
        cdef int* marks = index.marks.at
        cdef int spoken = index.mark(), there = index.mark(), i
        for i in range(one.firing.spoken.first.at[one.index], one.firing.spoken.first.at[one.index + 1]):
            marks[one.firing.spoken.values.at[i]] = spoken
        for i in range(one.passage.sure.size):
            if marks[one.passage.sure.at[i]] == spoken:
                marks[one.passage.sure.at[i]] = there
        return there

    def span(self):
        cdef Passage passage = (<Fired> self.fired[0]).passage
        cdef Spot* spots = passage.scan.spots
        cdef int* marks = passage.scan.index.marks.at
        cdef int mark = self._mark(), start = passage.end, end = passage.start, i
        for i in range(passage.first, passage.last):
            if spots[i].end <= passage.end and marks[spots[i].concept] == mark:
                start, end = min(start, spots[i].start), max(end, spots[i].end)
        return start, end

    def words(self, int most):
        cdef Passage passage = (<Fired> self.fired[0]).passage
        cdef Spot* spots = passage.scan.spots
        cdef int* marks = passage.scan.index.marks.at
        cdef Ints order = Ints(NULL, 0, 0)
        cdef int mark = self._mark(), i, place, taken = 0
        cdef list found = []
        try:
            for i in range(passage.first, passage.last):
                if spots[i].end <= passage.end and marks[spots[i].concept] == mark:
                    push(&order, i)
                    place = order.size - 1
                    while place and _leftmost(spots[i], spots[order.at[place - 1]]):
                        order.at[place] = order.at[place - 1]
                        place -= 1
                    order.at[place] = i
            for i in range(order.size):
                for place in range(taken - 1, -1, -1):
                    if spots[order.at[place]].concept == spots[order.at[i]].concept:
                        break
                else:
                    place = -1
                if place < 0 or spots[order.at[i]].end > spots[order.at[place]].end:
                    order.at[taken] = order.at[i]
                    taken += 1
            for i in range(min(taken, most)):
                found.append((spots[order.at[i]].concept, spots[order.at[i]].start, spots[order.at[i]].end))
        finally:
            free_ints(&order)
        return found

    def measure(self):
        cdef Passage passage = (<Fired> self.fired[0]).passage
        cdef Spot* spots = passage.scan.spots
        cdef int* marks = passage.scan.index.marks.at
        cdef int mark = self._mark(), covered = 0, reach = passage.start, i
        for i in range(passage.first, passage.last):
            if reach < spots[i].end <= passage.end and marks[spots[i].concept] == mark:
                covered += spots[i].end - max(spots[i].start, reach)
                reach = spots[i].end
        self.cover = covered / <double> (passage.end - passage.start)


cdef inline bint _leftmost(Spot one, Spot other) noexcept:
    if one.start != other.start:
        return one.start < other.start
    if one.end != other.end:
        return one.end > other.end
    return one.concept < other.concept


def rank(Ranked ranked):
    return not ranked.strong, -ranked.score, ranked.item


cdef inline bint _before(Ranked one, Ranked other) noexcept:
    if one.strong != other.strong:
        return one.strong
    if one.score != other.score:
        return one.score > other.score
    return one.item < other.item


cdef inline bint _more_specific(Fired one, Fired other) noexcept:
    return one.score > other.score or (one.score == other.score and one.index < other.index)


cdef class Arbiter:
    """Ranks the items whose clauses fired; see `arbitrate.pyi`."""

    def __init__(self, items, Firing firing):
        cdef Ints owner = Ints(NULL, 0, 0), order = Ints(NULL, 0, 0)
        cdef int number
        self.items = tuple(items)
        self.firing = firing
        self.said = []
        self.said_of_first = [f"条件不如 {item.item} 具体" for item in self.items]
        self.slots = [None] * len(self.items)
        index = {item.item: number for number, item in enumerate(self.items)}
        try:
            for number, item in enumerate(self.items):
                named = {clause.source.id: clause.index for clause in firing.items[number].clauses}
                for override in item.over:
                    if override.item not in index:
                        continue
                    push(&order, owner.size)
                    push(&owner, number)
                    push(&self.losers, index[override.item])
                    push(&self.clauses, -1 if override.clause is None else named.get(override.clause, NEVER))
                    self.said.append(f"{item.item} 优先：{override.because}")
            lay_out(&self.edges, &owner, &order, <int> len(self.items))
        finally:
            free_ints(&owner)
            free_ints(&order)

    def __dealloc__(self):
        free_lists(&self.edges)
        free_ints(&self.losers)
        free_ints(&self.clauses)

    def arbitrate(self, fired):
        """Rank the items of clauses that held; see `arbitrate.pyi`."""
        cdef list found = self._gathered(fired), order = []
        cdef Ranked ranked, first
        cdef int place
        for ranked in found:
            self._score(ranked)
        if len(found) > 1:
            self._override(found)
        for ranked in found:
            self.slots[ranked.item] = None
            place = <int> len(order)
            order.append(ranked)
            while place and _before(ranked, <Ranked> order[place - 1]):
                order[place] = order[place - 1]
                place -= 1
            order[place] = ranked
        for place in range(1, <int> len(order)):
            ranked, first = order[place], order[0]
            ranked.first = first.item
            ranked.weaker = first.strong and not ranked.strong
        return order

    cdef list _gathered(self, fired):
        """The items that fired, each with its clauses, of each clause its best passage."""
        cdef list found = []
        cdef Fired one, known
        cdef Ranked ranked
        cdef int i
        for one in fired:
            if one.firing is not self.firing:
                raise ValueError("a clause of other rules")
            ranked = self.slots[one.item]
            if ranked is None:
                ranked = Ranked.__new__(Ranked)
                ranked.arbiter, ranked.item, ranked.fired = self, one.item, [one]
                ranked.edge = ranked.first = -1
                self.slots[one.item] = ranked
                found.append(ranked)
                continue
            for i in range(<int> len(ranked.fired)):
                known = ranked.fired[i]
                if known.index == one.index:
                    if known.score < one.score:
                        ranked.fired[i] = one
                    break
            else:
                ranked.fired.append(one)
        return found

    cdef int _score(self, Ranked ranked) except -1:
        """The score of the best clause, and a little for the next two."""
        cdef list fired = ranked.fired
        cdef Fired one
        cdef int i, place
        for i in range(1, <int> len(fired)):
            one = fired[i]
            place = i
            while place and _more_specific(one, <Fired> fired[place - 1]):
                fired[place] = fired[place - 1]
                place -= 1
            fired[place] = one
        for i in range(<int> len(fired)):
            one = fired[i]
            ranked.strong |= one.strong
            if i == 0:
                ranked.score = one.score
            elif i < 3:
                ranked.score += FURTHER_CLAUSE * one.score
        return 0

    cdef int _override(self, list found) except -1:
        """Lift each item that declares itself over another that fired beside it."""
        cdef list winners = [], losers = []
        cdef Ints edges = Ints(NULL, 0, 0)
        cdef Ranked winner, loser
        cdef int e, i, chain
        cdef bint moved
        try:
            for winner in found:
                for e in range(self.edges.first.at[winner.item], self.edges.first.at[winner.item + 1]):
                    loser = self.slots[self.losers.at[self.edges.values.at[e]]]
                    if loser is not None and self._applies(self.edges.values.at[e], winner, loser):
                        push(&edges, self.edges.values.at[e])
                        winners.append(winner)
                        losers.append(loser)
            for chain in range(CHAIN):
                moved = False
                for i in range(edges.size):
                    winner, loser = winners[i], losers[i]
                    loser.overridden, loser.edge = True, edges.at[i]
                    if winner.score <= loser.score + OVER:
                        winner.score = loser.score + OVER + 0.01
                        moved = True
                if not moved:
                    break
        finally:
            free_ints(&edges)
        return 0

    cdef bint _applies(self, int edge, Ranked winner, Ranked loser) except -1:
        """Whether an override holds here: its clause fired, on evidence as strong, in the same part of the text."""
        cdef Fired one
        cdef Passage here, there
        if loser.strong and not winner.strong:
            return False
        here, there = (<Fired> winner.fired[0]).passage, (<Fired> loser.fired[0]).passage
        if here.start >= there.end or there.start >= here.end:
            return False
        if self.clauses.at[edge] == -1:
            return True
        for one in winner.fired:
            if one.index == self.clauses.at[edge]:
                return True
        return False
