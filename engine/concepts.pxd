from engine.arrays cimport Ints


# One concept at one place: the compiled form of `Hit`.
cdef struct Spot:
    int concept
    int start
    int end
    bint ambiguous


# An edge of a trie: where it comes from and for which character, where it goes,
# and the number of the phrase that ends there, or -1. Key 0 is a free slot.
cdef struct Slot:
    unsigned long long key
    int node
    int number


# What finding a phrase means.
cdef struct Entry:
    int concept
    int kind
    int second  # the other half of a gap phrase


# The entries of a phrase, and the number of the scan that last saw it.
cdef struct PhraseEntries:
    int first
    int last
    int seen


cdef class Trie:
    cdef Slot* slots
    cdef int mask
    cdef int edges
    cdef int add(self, str phrase, int number) except -1
    cdef Slot* follow(self, int node, Py_UCS4 character) except NULL
    cdef Slot* _insert(self, unsigned long long key) except NULL
    cdef int _grow(self) except -1


cdef inline unsigned long long edge_key(int node, Py_UCS4 character) noexcept:
    """The key of an edge, never 0."""
    return ((<unsigned long long> node) << 21) + <unsigned long long> <unsigned int> character + 1


cdef inline int home(unsigned long long key, int mask) noexcept:
    """The slot at which a key is looked for first."""
    return <int> ((key * 0x9E3779B97F4A7C15ULL) >> 32) & mask


cdef inline Slot* step(Trie trie, int node, Py_UCS4 character) noexcept:
    """The edge from a node for one more character, or NULL; node 0 is the root."""
    cdef unsigned long long key = edge_key(node, character)
    cdef Slot* slots = trie.slots
    cdef int mask = trie.mask
    cdef int place = home(key, mask)
    while slots[place].key:
        if slots[place].key == key:
            return &slots[place]
        place = (place + 1) & mask
    return NULL


# A word of jieba's that begins at some place: where it ends and how likely it is.
cdef struct Cut:
    int end
    double likely


cdef class Cutter:
    cdef Trie words
    cdef double* likely  # of each word the logarithm of its share
    cdef double unknown  # the same for a character that is no word
    cdef str text  # the text under way, with the words found in it so far
    cdef Cut* cuts
    cdef int size
    cdef int room
    cdef Ints first  # of each place its cuts, or -1 where nobody asked yet
    cdef Ints last
    cdef int read(self, str listed) except -1
    cdef int _look_up(self, int place) except -1
    cdef bint is_word(self, str text, int start, int end) except -1


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
    cdef readonly tuple numbers  # indexes of the concepts, as objects made once
    cdef list _patterns
    cdef Trie trie
    cdef PhraseEntries* phrases
    cdef Entry* entries
    # Entries while phrases are gathered: whose they are and what they mean.
    cdef Ints owner
    cdef Ints kinds
    cdef Ints concepts
    cdef Ints seconds
    # Matches of the scan under way.
    cdef int round
    cdef Py_UCS4* characters
    cdef Slot** begun  # of each character the edge from the root, or NULL
    cdef int longest
    cdef Ints found
    cdef Ints starts
    cdef Ints ends
    cdef Ints marks  # of each concept, for whoever calls `mark` and uses them before the next call
    cdef int last_mark
    cdef Cutter cutter
    cdef int _note(self, int concept, int kind, object phrases) except -1
    cdef int _gather(self) except -1
    cdef int _numbered(self, str phrase) except -1
    cdef int _begin(self) noexcept
    cdef int _spell(self, str text, int length) except -1
    cdef int _joined(self, str text, int match, int second) except -2
    cdef int _uncover(self, Scan scan, Ints* concepts, Ints* matches) except -1
    cdef int mark(self) noexcept
    cdef Cutter jieba(self)
