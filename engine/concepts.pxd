from engine.arrays cimport Ints, Lists


# One concept at one place: the compiled form of `Hit`.
cdef struct Spot:
    int concept
    int start
    int end
    bint ambiguous


cdef class Trie:
    cdef unsigned long long* keys
    cdef int* nodes
    cdef int mask
    cdef int edges
    cdef Ints ending  # of each node the phrase that ends there, or -1
    cdef int step(self, int node, Py_UCS4 character) noexcept
    cdef int add(self, str phrase, int number) except -1
    cdef int _grow(self) except -1


cdef class Cutter:
    cdef dict frequency
    cdef double log_total
    cdef bint is_word(self, str text, int start, int end) except -1
    cdef double _frequency(self, str text, int start, int end) except -2.0


cdef class Scan:
    cdef readonly PhraseIndex index
    cdef readonly str text
    cdef Spot* spots
    cdef int count
    cdef int room
    cdef frozenset _concepts
    cdef frozenset _ambiguous
    cdef int add(self, Spot spot) except -1
    cdef int split(self) except -1


cdef class PhraseIndex:
    cdef readonly tuple names
    cdef list _patterns
    cdef Trie trie
    # Entries of the phrases: what finding one means. `entries` gives their numbers by phrase.
    cdef Lists entries
    cdef Ints kinds
    cdef Ints concepts
    cdef Ints seconds
    cdef Ints owner
    cdef Ints order
    # What the scan under way found; `seen` holds the number of the scan that last saw a phrase.
    cdef int round
    cdef Ints seen
    cdef Ints marks  # of each concept, for whoever calls `mark` and uses them before the next call
    cdef int last_mark
    cdef Ints found
    cdef Ints starts
    cdef Ints ends
    cdef Cutter cutter
    cdef int _note(self, int concept, int kind, object phrases) except -1
    cdef int _numbered(self, str phrase) except -1
    cdef int _joined(self, str text, int match, int second) except -2
    cdef int _uncover(self, Scan scan, Ints* concepts, Ints* matches) except -1
    cdef int mark(self) noexcept
    cdef Cutter jieba(self)
