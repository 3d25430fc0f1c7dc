from engine.arrays cimport Ints, Lists
from engine.firing cimport Firing


cdef class Ranked:
    cdef readonly int item
    cdef public double score
    cdef readonly bint strong
    cdef readonly list fired
    cdef readonly bint overridden
    cdef readonly double cover
    cdef Arbiter arbiter
    cdef int edge  # the override that beat it, or -1
    cdef int first  # the item that came out first, -1 for itself
    cdef bint weaker  # its evidence is of the weaker kind
    cdef int _mark(self) except -1


cdef class Arbiter:
    cdef readonly tuple items
    cdef Firing firing
    cdef list said  # of each override, who comes first and why
    cdef list said_of_first  # of each item, what is said where it comes first by its words
    cdef Lists edges  # of each item its overrides
    cdef Ints losers  # of each override
    cdef Ints clauses  # of each override: the clause that must have fired, -1 for any
    cdef list slots  # of each item, what the arbitration under way knows of it
    cdef list _gathered(self, fired)
    cdef int _score(self, Ranked ranked) except -1
    cdef int _override(self, list found) except -1
    cdef bint _applies(self, int edge, Ranked winner, Ranked loser) except -1
