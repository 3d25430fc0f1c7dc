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


# What is known of an any-of group: the rounds in which it was last met, surely
# or by a doubtful word, and the weight of its most specific concept.
cdef struct GroupState:
    int met
    int maybe
    double best


cdef class Firing:
    cdef readonly tuple items
    cdef readonly tuple clauses
    cdef readonly dict weight
    cdef object evaluator
    cdef dict known
    cdef int most_known
    # Any-of groups are numbered through the pack: those of an item stand together.
    cdef Ints first_group  # of each item
    cdef Ints first_clause  # of each item
    cdef Ints item_of  # of each group
    cdef Lists groups_of  # of each concept: the groups that it meets
    cdef Lists asked_by  # of each group: clauses that are looked up by it
    cdef Lists positive  # of each clause: the groups it needs
    cdef Ints excluded  # of each clause: the group it excludes, or -1
    cdef Lists support  # of each clause: concepts that raise it
    cdef Lists spoken  # of each clause: concepts that can be evidence
    cdef Ints clause_item
    cdef Ints clause_strong
    cdef double* weights  # of each concept
    cdef int concept_count
    # The facts under way, each with the number of the round it was noted in.
    cdef int round
    cdef int search
    cdef Ints sure  # of each concept
    cdef GroupState* state
    cdef Ints opened  # of each group: a doubtful word decides it
    cdef Ints asserted  # of each group: told to durable-rules
    cdef Ints asked  # of each item: the search that found it
    cdef Ints groups
    cdef Ints candidates_found
    cdef Ints held_clauses
    cdef int _weigh(self, int concepts) except -1
    cdef int _number_groups(self) except -1
    cdef int _number_clauses(self) except -1
    cdef int _begin(self) except -1
    cdef int _note(self, int concept) except -1
    cdef int _suppose(self, int concept) except -1
    cdef int _settle(self, Passage part) except -1
    cdef bint _decides(self, int concept) noexcept
    cdef bint _could_hold(self, int clause, bint surely) noexcept
    cdef int _find(self, bint surely) except -1
    cdef int _ask(self) except -1
    cdef tuple _answer(self, int item)
    cdef double _specificity(self, int clause) noexcept
