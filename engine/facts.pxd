from engine.arrays cimport Ints
from engine.concepts cimport Scan


cdef class Passage:
    cdef readonly Scan scan
    cdef readonly int start
    cdef readonly int end
    cdef int first  # hits of the scan that begin inside: first:last
    cdef int last
    cdef Ints sure
    cdef Ints doubtful
    cdef frozenset _concepts
