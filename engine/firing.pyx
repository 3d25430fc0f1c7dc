# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, embedsignature=True
"""Find which clauses fire for the concepts of a passage.

Fourth step: facts -> **firing**. durable-rules decides (`engine/rulesets.py`).
In front of it stands an index from concepts to the clauses that could fire at
all, so that only the rulesets of a few items are asked; behind it a bounded
memory by content, since the same conditions met always fire the same clauses.
Compiled (docs/decisions/0006-compiled-core.md).
"""

import math

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Calloc, PyMem_Free, PyMem_Malloc

from engine.arrays cimport Ints, Lists, fill, free_ints, free_lists, lay_out, push
from engine.concepts cimport PhraseIndex, Spot
from engine.facts cimport Passage

from engine.rulesets import DurableEvaluator

__all__ = ["Fired", "Firing"]

cdef double SUPPORT_SHARE = 0.35
cdef double SUPPORTING = 0.55
cdef double SUPPORT_ALONE = 2.0  # weight of a concept that no condition asks for

cdef enum:
    LAST_ROUND = 0x3FFFFFFF
    LONGEST_KEY = 2 + 256


cdef class Fired:
    """One clause that held in one passage; see `firing.pyi`."""

    @property
    def clause(self):
        return self.firing.clauses[self.index]


cdef class Firing:
    """Passages in, fired clauses out; see `firing.pyi`."""

    def __init__(self, items, PhraseIndex index, evaluator=None, int cache_size=200_000):
        self.index = index
        self.items = tuple(items)
        self.clauses = tuple([clause for item in self.items for clause in item.clauses])
        self.evaluator = evaluator or DurableEvaluator(self.items)
        self.known = {}
        self.most_known = cache_size
        self._weigh(<int> len(index.names))
        self._number_groups()
        self._number_clauses()
        fill(&self.here, self.concept_count, 0)
        fill(&self.decides, self.concept_count, 0)
        fill(&self.asserted, self.concepts_of.first.size - 1, 0)
        fill(&self.asked, <int> len(self.items), 0)

    def __dealloc__(self):
        PyMem_Free(self.weights)
        PyMem_Free(self.state)
        free_ints(&self.first_group)
        free_ints(&self.first_clause)
        free_lists(&self.concepts_of)
        free_lists(&self.asked_by)
        free_lists(&self.positive)
        free_ints(&self.excluded)
        free_lists(&self.support)
        free_lists(&self.spoken)
        free_ints(&self.clause_item)
        free_ints(&self.clause_strong)
        free_ints(&self.here)
        free_ints(&self.decides)
        free_ints(&self.asserted)
        free_ints(&self.asked)
        free_ints(&self.under_way)
        free_ints(&self.candidates_found)
        free_ints(&self.held_clauses)

    cdef int _weigh(self, int concepts) except -1:
        """How specific each concept is: the fewer items ask for it, the more."""
        cdef int concept
        cdef dict used = {}
        for clause in self.clauses:
            for group in clause.groups:
                for concept in group:
                    used.setdefault(concept, set()).add(clause.item)
        count = max(1, len(self.items))
        self.weight = {concept: math.log((count + 1) / (len(by) + 0.5)) for concept, by in used.items()}
        self.concept_count = concepts
        self.weights = <double*> PyMem_Malloc((concepts + 1) * sizeof(double))
        if self.weights == NULL:
            raise MemoryError
        for concept in range(concepts):
            self.weights[concept] = self.weight.get(concept, SUPPORT_ALONE)
        return 0

    cdef int _number_groups(self) except -1:
        """Number the any-of groups of all items, and list the concepts of each."""
        cdef Ints owner = Ints(NULL, 0, 0), value = Ints(NULL, 0, 0)
        cdef int concept, count = 0
        try:
            for compiled in self.items:
                push(&self.first_group, count)
                for group in compiled.groups:
                    for concept in group:
                        push(&owner, count)
                        push(&value, concept)
                    count += 1
            push(&self.first_group, count)
            lay_out(&self.concepts_of, &owner, &value, count)
        finally:
            free_ints(&owner)
            free_ints(&value)
        self.state = <GroupState*> PyMem_Calloc(count + 1, sizeof(GroupState))
        if self.state == NULL:
            raise MemoryError
        return 0

    cdef int _number_clauses(self) except -1:
        """What each clause needs, excludes and speaks of, by number."""
        cdef Ints needs = Ints(NULL, 0, 0), needed = Ints(NULL, 0, 0), rare = Ints(NULL, 0, 0), by = Ints(NULL, 0, 0)
        cdef Ints raises = Ints(NULL, 0, 0), raised = Ints(NULL, 0, 0), speaks = Ints(NULL, 0, 0), said = Ints(NULL, 0, 0)
        cdef int number, item, concept, first
        try:
            for item, compiled in enumerate(self.items):
                first = self.first_group.at[item]
                push(&self.first_clause, self.clause_item.size)
                place = {group: position for position, group in enumerate(compiled.groups)}
                for clause in compiled.clauses:
                    number = self.clause_item.size
                    push(&self.clause_item, item)
                    push(&self.clause_strong, clause.strong)
                    push(&self.excluded, first + <int> place[clause.none] if clause.none else -1)
                    for group in clause.groups:
                        push(&needs, number)
                        push(&needed, first + <int> place[group])
                    if clause.groups:
                        # A clause is looked up by its rarest group only: if that is absent, it cannot fire.
                        for concept in min(clause.groups, key=self._commonness):
                            push(&rare, concept)
                            push(&by, number)
                    for concept in clause.support:
                        push(&raises, number)
                        push(&raised, concept)
                    for concept in clause.spoken:
                        push(&speaks, number)
                        push(&said, concept)
            push(&self.first_clause, self.clause_item.size)
            lay_out(&self.positive, &needs, &needed, self.clause_item.size)
            lay_out(&self.asked_by, &rare, &by, self.concept_count)
            lay_out(&self.support, &raises, &raised, self.clause_item.size)
            lay_out(&self.spoken, &speaks, &said, self.clause_item.size)
        finally:
            free_ints(&needs)
            free_ints(&needed)
            free_ints(&rare)
            free_ints(&by)
            free_ints(&raises)
            free_ints(&raised)
            free_ints(&speaks)
            free_ints(&said)
        return 0

    def _commonness(self, group):
        return len(group) - 10 * min([self.weight[concept] for concept in group])

    def fire(self, Passage part):
        """The clauses that fire in a passage; see `firing.pyi`."""
        cdef int i
        cdef Fired one
        cdef list found = []
        if part.scan.index is not self.index:
            raise ValueError("a passage found with another index")
        self._begin()
        for i in range(part.sure.size):
            self._note(part.sure.at[i])
        if part.doubtful.size:
            self._settle(part)
        self._find()
        self._ask()
        for i in range(self.held_clauses.size):
            one = Fired.__new__(Fired)
            one.firing, one.passage, one.index = self, part, self.held_clauses.at[i]
            one.item = self.clause_item.at[one.index]
            one.strong = self.clause_strong.at[one.index]
            one.score = self._specificity(one.index)
            found.append(one)
        return found

    def candidates(self, concepts):
        cdef int concept, i
        self._begin()
        for concept in concepts:
            if not 0 <= concept < self.concept_count:
                raise IndexError(f"no concept {concept}")
            self._note(concept)
        self._find()
        return {self.candidates_found.at[i] for i in range(self.candidates_found.size)}

    def held(self, concepts):
        cdef int i
        self.candidates(concepts)
        self._ask()
        return tuple([self.held_clauses.at[i] for i in range(self.held_clauses.size)])

    def remembered(self):
        return len(self.known)

    cdef int _begin(self) except -1:
        """Forget the facts of the last passage."""
        cdef int i
        if self.doubt >= LAST_ROUND:
            self.doubt = self.search = 0
            for i in range(self.concept_count):
                self.here.at[i] = self.decides.at[i] = 0
            for i in range(self.asked.size):
                self.asked.at[i] = 0
            for i in range(self.asserted.size):
                self.asserted.at[i] = self.state[i].search = 0
        self.doubt += 2
        self.under_way.size = 0
        return 0

    cdef int _note(self, int concept) except -1:
        """A concept is there."""
        self.here.at[concept] = self.doubt + 1
        push(&self.under_way, concept)
        return 0

    cdef int _settle(self, Passage part) except -1:
        """Accept the ambiguous words on which no clause depends, and those that jieba sees as words."""
        cdef int i, clause, item, concept, waiting, sure = self.under_way.size
        cdef PhraseIndex index = part.scan.index
        cdef int* marks = index.marks.at
        cdef Spot* spot
        for i in range(part.doubtful.size):
            self.here.at[part.doubtful.at[i]] = self.doubt
            push(&self.under_way, part.doubtful.at[i])
        self._find()
        self.under_way.size = sure
        for i in range(self.candidates_found.size):
            item = self.candidates_found.at[i]
            for clause in range(self.first_clause.at[item], self.first_clause.at[item + 1]):
                if self._could_hold(clause):
                    self._depend(clause)
        waiting = index.mark()
        for i in range(part.doubtful.size):
            concept = part.doubtful.at[i]
            if self.decides.at[concept] == self.doubt:
                self.here.at[concept] = 0
                marks[concept] = waiting
            else:
                push(&part.sure, concept)
                self._note(concept)
        for i in range(part.first, part.last):
            spot = &part.scan.spots[i]
            if marks[spot.concept] == waiting and spot.end <= part.end:
                if index.jieba().is_word(part.scan.text, spot.start, spot.end):
                    marks[spot.concept] = 0
                    push(&part.sure, spot.concept)
                    self._note(spot.concept)
        part.doubtful.size = 0
        part._concepts = None
        return 0

    cdef int _depend(self, int clause) noexcept:
        """Mark the doubtful concepts that decide a clause: they alone meet a condition, or would exclude it."""
        cdef int g, c, group, first, last
        for g in range(self.positive.first.at[clause], self.positive.first.at[clause + 1]):
            group = self.positive.values.at[g]
            first, last = self.concepts_of.first.at[group], self.concepts_of.first.at[group + 1]
            for c in range(first, last):
                if self.here.at[self.concepts_of.values.at[c]] == self.doubt + 1:
                    break
            else:
                self._mark_doubtful(first, last)
        group = self.excluded.at[clause]
        if group >= 0:
            self._mark_doubtful(self.concepts_of.first.at[group], self.concepts_of.first.at[group + 1])
        return 0

    cdef int _mark_doubtful(self, int first, int last) noexcept:
        cdef int c
        for c in range(first, last):
            if self.here.at[self.concepts_of.values.at[c]] == self.doubt:
                self.decides.at[self.concepts_of.values.at[c]] = self.doubt
        return 0

    cdef bint _met(self, int group) noexcept:
        """Whether one of a group's concepts is there, or may be; looked up once a search."""
        cdef GroupState* state = &self.state[group]
        cdef int c
        if state.search != self.search:
            state.search = self.search
            state.met = False
            for c in range(self.concepts_of.first.at[group], self.concepts_of.first.at[group + 1]):
                if self.here.at[self.concepts_of.values.at[c]] >= self.doubt:
                    state.met = True
                    break
        return state.met

    cdef bint _could_hold(self, int clause) noexcept:
        """Whether every positive condition of a clause is met."""
        cdef int g
        for g in range(self.positive.first.at[clause], self.positive.first.at[clause + 1]):
            if not self._met(self.positive.values.at[g]):
                return False
        return True

    cdef int _find(self) except -1:
        """Gather the items with a clause whose positive conditions are all met."""
        cdef int i, c, concept, clause, item
        self.search += 1
        self.candidates_found.size = 0
        for i in range(self.under_way.size):
            concept = self.under_way.at[i]
            for c in range(self.asked_by.first.at[concept], self.asked_by.first.at[concept + 1]):
                clause = self.asked_by.values.at[c]
                item = self.clause_item.at[clause]
                if self.asked.at[item] != self.search and self._could_hold(clause):
                    self.asked.at[item] = self.search
                    push(&self.candidates_found, item)
        return 0

    cdef int _ask(self) except -1:
        """Gather the clauses that fire, ascending, as durable-rules says or has said of the same conditions."""
        cdef int i, place, clause
        self.held_clauses.size = 0
        for i in range(self.candidates_found.size):
            for clause in self._answer(self.candidates_found.at[i]):
                push(&self.held_clauses, clause)
                place = self.held_clauses.size - 1
                while place and self.held_clauses.at[place - 1] > clause:
                    self.held_clauses.at[place] = self.held_clauses.at[place - 1]
                    place -= 1
                self.held_clauses.at[place] = clause
        return 0

    cdef tuple _answer(self, int item):
        """The clauses of an item that fire under the conditions met.

        Only the conditions of clauses that could hold are asserted: the others
        change nothing, and the fewer there are, the more often the same come again.
        """
        cdef char key[LONGEST_KEY]
        cdef int first = self.first_group.at[item], group, clause, g, size = 2
        cdef bytes known_by
        for clause in range(self.first_clause.at[item], self.first_clause.at[item + 1]):
            if self._could_hold(clause):
                for g in range(self.positive.first.at[clause], self.positive.first.at[clause + 1]):
                    self.asserted.at[self.positive.values.at[g]] = self.search
                group = self.excluded.at[clause]
                if group >= 0 and self._met(group):
                    self.asserted.at[group] = self.search
        key[0], key[1] = <char> (item & 255), <char> (item >> 8)
        for group in range(first, self.first_group.at[item + 1]):
            if self.asserted.at[group] == self.search:
                key[size] = <char> (group - first)
                size += 1
        known_by = PyBytes_FromStringAndSize(key, size)
        answer = self.known.get(known_by)
        if answer is None:
            if len(self.known) >= self.most_known:
                self.known.clear()
            answer = self.known[known_by] = self.evaluator.fired(item, tuple(known_by[2:]))
        return answer

    cdef double _specificity(self, int clause) noexcept:
        """How specifically a clause that holds speaks of its item."""
        cdef int i, c, group, concept, sure = self.doubt + 1
        cdef double total = 0.0, best
        for i in range(self.positive.first.at[clause], self.positive.first.at[clause + 1]):
            group = self.positive.values.at[i]
            best = 0.0
            for c in range(self.concepts_of.first.at[group], self.concepts_of.first.at[group + 1]):
                concept = self.concepts_of.values.at[c]
                if self.here.at[concept] == sure:
                    best = max(best, self.weights[concept])
            total += best
        for i in range(self.support.first.at[clause], self.support.first.at[clause + 1]):
            concept = self.support.values.at[i]
            if self.here.at[concept] == sure:
                total += SUPPORT_SHARE * self.weights[concept]
        return total if self.clause_strong.at[clause] else total * SUPPORTING
