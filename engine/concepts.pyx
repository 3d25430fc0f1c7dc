# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, embedsignature=True
"""Find a pack's concepts in a normalised text.

Second step. One walk over a trie of all phrases finds each of them; gap
phrases (`烧…杆子`) are joined from their halves; phrases covered by an
`unless` phrase are dropped; `words` are marked ambiguous and confirmed by
jieba's dictionary only when a clause that could fire needs them. Decides
nothing about items. Compiled (docs/decisions/0006-compiled-core.md).
"""

from collections import namedtuple

from cpython.dict cimport PyDict_GetItem
from cpython.mem cimport PyMem_Calloc, PyMem_Free, PyMem_Malloc, PyMem_Realloc
from cpython.ref cimport PyObject
from libc.math cimport log

from engine.arrays cimport Ints, Lists, fill, free_ints, free_lists, lay_out, push

__all__ = ["GAP", "Hit", "PhraseIndex", "Scan", "clause_bounds"]

GAP = 8

cdef enum:
    FARTHEST = 8  # GAP
    WINDOW = 6  # characters on each side of an ambiguous word that are cut with it
    LONGEST = 127  # characters that are cut at once; no phrase is nearly as long

cdef enum Kind:
    PLAIN, WORD, UNLESS, JOINED

Hit = namedtuple("Hit", ("concept", "start", "end", "ambiguous"))


cdef inline bint _ends_clause(Py_UCS4 c) noexcept:
    return c in u"。！？；，、：（）\n"


def clause_bounds(str text, int start, int end):
    cdef int low = max(0, start - WINDOW), high = min(<int> len(text), end + WINDOW)
    cdef int left = start, right = end
    while left > low and not _ends_clause(text[left - 1]):
        left -= 1
    while right < high and not _ends_clause(text[right]):
        right += 1
    return left, right


cdef inline unsigned long long _edge(int node, Py_UCS4 character) noexcept:
    """The key of an edge, never 0."""
    return ((<unsigned long long> node) << 21) + <unsigned long long> <unsigned int> character + 1


cdef class Trie:
    """Phrases by their characters; edges stand in one open hash table."""

    def __cinit__(self):
        self.mask = (1 << 12) - 1
        self.keys = <unsigned long long*> PyMem_Calloc(self.mask + 1, sizeof(unsigned long long))
        self.nodes = <int*> PyMem_Malloc((self.mask + 1) * sizeof(int))
        if self.keys == NULL or self.nodes == NULL:
            raise MemoryError
        push(&self.ending, -1)

    def __dealloc__(self):
        PyMem_Free(self.keys)
        PyMem_Free(self.nodes)
        free_ints(&self.ending)

    cdef int step(self, int node, Py_UCS4 character) noexcept:
        """The node after one more character, or -1."""
        cdef unsigned long long key = _edge(node, character)
        cdef int place = <int> ((key * 0x9E3779B97F4A7C15ULL) >> 32) & self.mask
        while self.keys[place]:
            if self.keys[place] == key:
                return self.nodes[place]
            place = (place + 1) & self.mask
        return -1

    cdef int add(self, str phrase, int number) except -1:
        """Add a phrase, unless it is there; the number it has then."""
        cdef int node = 0, further, place
        cdef unsigned long long key
        cdef Py_UCS4 character
        for character in phrase:
            further = self.step(node, character)
            if further < 0:
                if 2 * self.edges > self.mask:
                    self._grow()
                key = _edge(node, character)
                place = <int> ((key * 0x9E3779B97F4A7C15ULL) >> 32) & self.mask
                while self.keys[place]:
                    place = (place + 1) & self.mask
                self.edges += 1
                further = self.edges
                self.keys[place] = key
                self.nodes[place] = further
                push(&self.ending, -1)
            node = further
        if self.ending.at[node] < 0:
            self.ending.at[node] = number
        return self.ending.at[node]

    cdef int _grow(self) except -1:
        cdef int size = 2 * (self.mask + 1), i, place
        cdef unsigned long long* keys = <unsigned long long*> PyMem_Calloc(size, sizeof(unsigned long long))
        cdef int* nodes = <int*> PyMem_Malloc(size * sizeof(int))
        if keys == NULL or nodes == NULL:
            PyMem_Free(keys)
            PyMem_Free(nodes)
            raise MemoryError
        for i in range(self.mask + 1):
            if self.keys[i]:
                place = <int> ((self.keys[i] * 0x9E3779B97F4A7C15ULL) >> 32) & (size - 1)
                while keys[place]:
                    place = (place + 1) & (size - 1)
                keys[place] = self.keys[i]
                nodes[place] = self.nodes[i]
        PyMem_Free(self.keys)
        PyMem_Free(self.nodes)
        self.keys, self.nodes, self.mask = keys, nodes, size - 1
        return 0


cdef inline bint _ascii_word(Py_UCS4 c) noexcept:
    return u"a" <= c <= u"z" or u"A" <= c <= u"Z" or u"0" <= c <= u"9"


cdef inline bint _letter(Py_UCS4 c) noexcept:
    """A character that jieba reads inside words: Han, letters, digits and a few marks."""
    return 0x4E00 <= c <= 0x9FD5 or u"a" <= c <= u"z" or u"A" <= c <= u"Z" or u"0" <= c <= u"9" or c in u"+#&._%-"


cdef class Cutter:
    """Where jieba cuts a few characters, without building the words.

    The most likely path through jieba's dictionary, as `Tokenizer.cut(HMM=False)`
    finds it; about eight times as fast on windows of a dozen characters.
    """

    def __init__(self, dict frequency, int total):
        self.frequency = frequency
        self.log_total = log(total)

    cdef bint is_word(self, str text, int start, int end) except -1:
        """Whether jieba, cutting the words around `start:end`, begins and ends words there."""
        cdef double score[LONGEST + 1]
        cdef int after[LONGEST]
        cdef int left, right, size, i, j, cursor
        cdef double weight, likely
        cdef bint starts = False, ends = False
        left, right = clause_bounds(text, start, end)
        size = right - left
        if size > LONGEST:
            return False
        # From the right: the most likely way from each place to the end.
        score[size] = 0.0
        for i in range(size - 1, -1, -1):
            if not _letter(text[left + i]):
                score[i], after[i] = 0.0, i + 1  # jieba cuts what is no letter one by one
                continue
            after[i] = 0
            j = i + 1
            while True:
                weight = self._frequency(text, left + i, left + j)
                if weight < 0.0:
                    break
                if weight > 0.0:
                    likely = log(weight) - self.log_total + score[j]
                    if not after[i] or likely >= score[i]:
                        score[i], after[i] = likely, j
                if j == size or not _letter(text[left + j]):
                    break
                j += 1
            if not after[i]:
                score[i], after[i] = -self.log_total + score[i + 1], i + 1
        cursor = 0
        while True:
            starts |= cursor == start - left
            ends |= cursor == end - left
            if cursor == size:
                return starts and ends
            i = cursor
            cursor = after[i]
            # jieba keeps letters and digits that stand one by one together.
            if cursor == i + 1 and _ascii_word(text[left + i]):
                while cursor < size and after[cursor] == cursor + 1 and _ascii_word(text[left + cursor]):
                    cursor += 1

    cdef double _frequency(self, str text, int start, int end) except -2.0:
        """How often jieba saw a word; 0 for the beginning of words, -1 for neither."""
        cdef PyObject* found = PyDict_GetItem(self.frequency, text[start:end])
        return -1.0 if found == NULL else <double> <object> found


cdef class Scan:
    """What one pass over a text found; see `concepts.pyi`."""

    def __dealloc__(self):
        PyMem_Free(self.spots)

    cdef int add(self, Spot spot) except -1:
        """Note one hit."""
        cdef Spot* bigger
        if self.count == self.room:
            bigger = <Spot*> PyMem_Realloc(self.spots, (2 * self.room + 32) * sizeof(Spot))
            if bigger == NULL:
                raise MemoryError
            self.spots, self.room = bigger, 2 * self.room + 32
        self.spots[self.count] = spot
        self.count += 1
        return 0

    cdef int split(self) except -1:
        """Tell the concepts that are surely there from those that wait for jieba."""
        cdef set sure = set(), doubtful = set()
        cdef int i
        for i in range(self.count):
            (doubtful if self.spots[i].ambiguous else sure).add(self.spots[i].concept)
        self._concepts = frozenset(sure)
        self._ambiguous = frozenset(doubtful - sure)
        return 0

    @property
    def concepts(self):
        if self._concepts is None:
            self.split()
        return self._concepts

    @property
    def ambiguous(self):
        if self._ambiguous is None:
            self.split()
        return self._ambiguous

    def hits(self):
        cdef int i
        return [_hit(self.spots[i]) for i in range(self.count)]


cdef _hit(Spot spot):
    return Hit(spot.concept, spot.start, spot.end, bool(spot.ambiguous))


cdef class PhraseIndex:
    """All phrases of a pack in one trie; see `concepts.pyi`."""

    def __init__(self, concepts):
        cdef int number
        self.names = tuple([concept.concept for concept in concepts])
        self.trie = Trie()
        self._patterns = []
        by_name = {concept.concept: concept for concept in concepts}
        for number, concept in enumerate(concepts):
            if concept.parts:
                # Two parts may hold the same phrase: once is enough.
                parts = _with_parts(concept, by_name)
                self._note(number, PLAIN, dict.fromkeys([phrase for part in parts for phrase in part.phrases]))
                self._note(number, WORD, dict.fromkeys([word for part in parts for word in part.words]))
                self._note(number, UNLESS, dict.fromkeys([longer for part in parts for longer in part.unless]))
            else:
                self._note(number, PLAIN, concept.phrases)
                self._note(number, WORD, concept.words)
                self._note(number, UNLESS, concept.unless)
        lay_out(&self.entries, &self.owner, &self.order, len(self._patterns))
        free_ints(&self.owner)
        free_ints(&self.order)
        fill(&self.seen, len(self._patterns), 0)
        fill(&self.marks, len(self.names), 0)

    def __dealloc__(self):
        free_lists(&self.entries)
        free_ints(&self.kinds)
        free_ints(&self.concepts)
        free_ints(&self.seconds)
        free_ints(&self.owner)
        free_ints(&self.order)
        free_ints(&self.seen)
        free_ints(&self.marks)
        free_ints(&self.found)
        free_ints(&self.starts)
        free_ints(&self.ends)

    @property
    def patterns(self):
        return tuple(self._patterns)

    cdef int _note(self, int concept, int kind, object phrases) except -1:
        """An entry for each phrase of a concept; a gap phrase has it with its first half."""
        cdef str phrase
        cdef Py_ssize_t gap
        for phrase in phrases:
            gap = phrase.find("…") if kind == PLAIN else -1
            push(&self.order, self.owner.size)
            push(&self.owner, self._numbered(phrase if gap < 0 else phrase[:gap]))
            push(&self.kinds, kind if gap < 0 else <int> JOINED)
            push(&self.concepts, concept)
            push(&self.seconds, -1 if gap < 0 else self._numbered(phrase[gap + 1 :]))
        return 0

    cdef int _numbered(self, str phrase) except -1:
        cdef int number = self.trie.add(phrase, <int> len(self._patterns))
        if number == len(self._patterns):
            self._patterns.append(phrase)
        return number

    def scan(self, str text):
        """Find which concepts a normalised text holds; see `concepts.pyi`."""
        cdef int length = <int> len(text), i, j, node, pattern, match, entry, e, end
        cdef Ints cover_concepts, cover_matches
        cdef Spot spot
        cdef Scan scan = Scan.__new__(Scan)
        scan.index, scan.text = self, text
        self.round += 1
        self.found.size = self.starts.size = self.ends.size = 0
        for i in range(length):
            node = 0
            for j in range(i, length):
                node = self.trie.step(node, text[j])
                if node < 0:
                    break
                pattern = self.trie.ending.at[node]
                if pattern >= 0:
                    push(&self.found, pattern)
                    push(&self.starts, i)
                    push(&self.ends, j + 1)
                    self.seen.at[pattern] = self.round
        cover_concepts.at = cover_matches.at = NULL
        cover_concepts.size = cover_concepts.room = cover_matches.size = cover_matches.room = 0
        try:
            for match in range(self.found.size):
                pattern = self.found.at[match]
                for e in range(self.entries.first.at[pattern], self.entries.first.at[pattern + 1]):
                    entry = self.entries.values.at[e]
                    spot.concept = self.concepts.at[entry]
                    spot.start, spot.end = self.starts.at[match], self.ends.at[match]
                    spot.ambiguous = self.kinds.at[entry] == WORD
                    if self.kinds.at[entry] == UNLESS:
                        push(&cover_concepts, spot.concept)
                        push(&cover_matches, match)
                        continue
                    if self.kinds.at[entry] == JOINED:
                        if self.seen.at[self.seconds.at[entry]] != self.round:
                            continue
                        end = self._joined(text, match, self.seconds.at[entry])
                        if end < 0:
                            continue
                        spot.end = end
                    scan.add(spot)
            if cover_concepts.size:
                self._uncover(scan, &cover_concepts, &cover_matches)
        finally:
            free_ints(&cover_concepts)
            free_ints(&cover_matches)
        return scan

    cdef int _joined(self, str text, int match, int second) except -2:
        """Where the second half of a gap phrase ends that stands close behind in the same clause, or -1."""
        cdef int other, place, reach = self.ends.at[match]
        cdef bint same_clause
        for other in range(match + 1, self.found.size):
            if self.starts.at[other] > reach + FARTHEST:
                return -1
            if self.found.at[other] == second and self.starts.at[other] >= reach:
                for place in range(reach, self.starts.at[other]):
                    if _ends_clause(text[place]):
                        return -1
                return self.ends.at[other]
        return -1

    cdef int _uncover(self, Scan scan, Ints* concepts, Ints* matches) except -1:
        """Drop the hits that stand inside an `unless` phrase of their concept."""
        cdef int i, c, kept = 0
        for i in range(scan.count):
            for c in range(concepts.size):
                if (
                    concepts.at[c] == scan.spots[i].concept
                    and self.starts.at[matches.at[c]] <= scan.spots[i].start
                    and scan.spots[i].end <= self.ends.at[matches.at[c]]
                ):
                    break
            else:
                scan.spots[kept] = scan.spots[i]
                kept += 1
        scan.count = kept
        return 0

    def confirmed(self, str text, hit):
        return self.jieba().is_word(text, hit.start, hit.end)

    cdef int mark(self) noexcept:
        """A mark that no concept bears yet, for `marks`."""
        self.last_mark += 1
        return self.last_mark

    cdef Cutter jieba(self):
        """jieba's dictionary, loaded when first needed."""
        if self.cutter is None:
            import logging

            import jieba

            jieba.setLogLevel(logging.ERROR)
            tokenizer = jieba.Tokenizer()
            tokenizer.initialize()
            self.cutter = Cutter(tokenizer.FREQ, tokenizer.total)
        return self.cutter


def _with_parts(concept, by_name):
    """A concept and those it is made of, each once."""
    found = {}
    queue = [concept]
    while queue:
        current = queue.pop()
        if current.concept not in found:
            found[current.concept] = current
            queue.extend([by_name[part] for part in current.parts])
    return list(found.values())
