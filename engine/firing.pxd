from engine.arrays cimport Ints, Lists
from engine.concepts cimport PhraseIndex
from engine.facts cimport Passage


cdef class Fired:
    cdef readonly Firing firing
    cdef readonly int index
    cdef readonly int item
    cdef readonly bint strong
    cdef readonly double score
    cdef readonly Passage passage


# Whether an any-of group is met, and the search that looked.
cdef struct GroupState:
    int search
    bint met


cdef class Firing:
    cdef readonly PhraseIndex index
    cdef readonly tuple items
    cdef readonly tuple clauses
    cdef readonly dict weight
    cdef object evaluator
    cdef dict known
    cdef int most_known
    # Any-of groups are numbered through the pack: those of an item stand together.
    cdef Ints first_group  # of each item
    cdef Ints first_clause  # of each item
    cdef Lists concepts_of  # of each group
    cdef Lists asked_by  # of each concept: the clauses of which it meets the rarest condition
    cdef Lists positive  # of each clause: the groups it needs
    cdef Ints excluded  # of each clause: the group it excludes, or -1
    cdef Lists support  # of each clause: concepts that raise it
    cdef Lists spoken  # of each clause: concepts that can be evidence
    cdef Ints clause_item
    cdef Ints clause_strong
    cdef double* weights  # of each concept
    cdef int concept_count
    # The facts under way. `doubt` is even and grows by 2 a passage: a concept that may be there
    # bears it, one that surely is bears the next number. `search` grows with each look for candidates.
    cdef int doubt
    cdef int search
    cdef Ints here  # of each concept
    cdef Ints decides  # of each concept: the passage in which a clause depended on it
    cdef GroupState* state  # of each group
    cdef Ints asserted  # of each group: the search in which durable-rules was told of it
    cdef Ints asked  # of each item: the search that found it
    cdef Ints under_way
    cdef Ints candidates_found
    cdef Ints held_clauses
    cdef int _weigh(self, int concepts) except -1
    cdef int _number_groups(self) except -1
    cdef int _number_clauses(self) except -1
    cdef int _begin(self) except -1
    cdef int _note(self, int concept) except -1
    cdef int _settle(self, Passage part) except -1
    cdef int _depend(self, int clause) noexcept
    cdef int _mark_doubtful(self, int first, int last) noexcept
    cdef bint _met(self, int group) noexcept
    cdef bint _could_hold(self, int clause) noexcept
    cdef int _find(self) except -1
    cdef int _ask(self) except -1
    cdef tuple _answer(self, int item)
    cdef double _specificity(self, int clause) noexcept
