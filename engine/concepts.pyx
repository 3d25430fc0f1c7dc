# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, embedsignature=True
"""Find a pack's concepts in a normalised text.

Second step. One walk over a trie of all phrases finds each of them; gap
phrases (`烧…杆子`) are joined from their halves; phrases covered by an
`unless` phrase are dropped; `words` are marked ambiguous and confirmed by
jieba's dictionary only when a clause that could fire needs them. Decides
nothing about items. Compiled (docs/decisions/0006-compiled-core.md).
"""

import importlib.util
from collections import namedtuple
from pathlib import Path

from cpython.mem cimport PyMem_Calloc, PyMem_Free, PyMem_Malloc, PyMem_Realloc
from libc.math cimport log

from engine.arrays cimport Ints, Lists, fill, free_ints, free_lists, lay_out, push

cdef extern from "Python.h":
    Py_UCS4* PyUnicode_AsUCS4(object text, Py_UCS4* buffer, Py_ssize_t size, bint copy_null) except NULL

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define zhuban_fetch(place) __builtin_prefetch(place)
    #else
    #define zhuban_fetch(place) ((void) (place))
    #endif
    """
    void fetch "zhuban_fetch"(const void* place) noexcept

__all__ = ["GAP", "Hit", "PhraseIndex", "Scan", "clause_bounds"]

cdef enum:
    FARTHEST = 8  # characters between the halves of a gap phrase
    WINDOW = 6  # characters on each side of an ambiguous word that are cut with it
    AHEAD = 4  # matches whose entries are on their way from memory
    LONGEST = 127  # characters that are cut at once; no phrase is nearly as long
    MOST_MARKS = 0x40000000  # some hundred million texts; far below where numbers end

GAP = FARTHEST

cdef double UNSEEN = 1.0  # a likelihood that no word has

cdef enum Kind:
    PLAIN, WORD, UNLESS, JOINED

Hit = namedtuple("Hit", ("concept", "start", "end", "ambiguous"))


cdef inline bint _ends_clause(Py_UCS4 c) noexcept:
    return c in u"。！？；，、：（）\n"


cdef inline int _left_bound(str text, int start) noexcept:
    cdef int left = start
    while left > 0 and start - left < WINDOW and not _ends_clause(text[left - 1]):
        left -= 1
    return left


cdef inline int _right_bound(str text, int end) noexcept:
    cdef int right = end, length = <int> len(text)
    while right < length and right - end < WINDOW and not _ends_clause(text[right]):
        right += 1
    return right


def clause_bounds(str text, int start, int end):
    return _left_bound(text, start), _right_bound(text, end)


cdef class Trie:
    """Phrases by their characters; edges stand in one open hash table, so that a step costs one look at memory."""

    def __cinit__(self):
        self.mask = (1 << 12) - 1
        self.slots = <Slot*> PyMem_Calloc(self.mask + 1, sizeof(Slot))
        if self.slots == NULL:
            raise MemoryError

    def __dealloc__(self):
        PyMem_Free(self.slots)

    cdef int add(self, str phrase, int number) except -1:
        """Give a phrase a number, unless it has one; the number it has then."""
        cdef Slot* slot = NULL
        cdef int node = 0
        cdef Py_UCS4 character
        if not phrase:
            raise ValueError("an empty phrase stands everywhere")
        for character in phrase:
            slot = self.follow(node, character)
            node = slot.node
        if slot.number < 0:
            slot.number = number
        return slot.number

    cdef Slot* follow(self, int node, Py_UCS4 character) except NULL:
        """The edge from a node for one more character, made if there is none."""
        cdef Slot* slot = step(self, node, character)
        return self._insert(edge_key(node, character)) if slot == NULL else slot

    cdef Slot* _insert(self, unsigned long long key) except NULL:
        cdef int place
        if 2 * self.edges > self.mask:
            self._grow()
        place = home(key, self.mask)
        while self.slots[place].key:
            place = (place + 1) & self.mask
        self.edges += 1
        self.slots[place].key, self.slots[place].node, self.slots[place].number = key, self.edges, -1
        return &self.slots[place]

    cdef int _grow(self) except -1:
        cdef int mask = 2 * self.mask + 1, i, place
        cdef Slot* slots = <Slot*> PyMem_Calloc(mask + 1, sizeof(Slot))
        if slots == NULL:
            raise MemoryError
        for i in range(self.mask + 1):
            if self.slots[i].key:
                place = home(self.slots[i].key, mask)
                while slots[place].key:
                    place = (place + 1) & mask
                slots[place] = self.slots[i]
        PyMem_Free(self.slots)
        self.slots, self.mask = slots, mask
        return 0


cdef inline bint _ascii_word(Py_UCS4 c) noexcept:
    return u"a" <= c <= u"z" or u"A" <= c <= u"Z" or u"0" <= c <= u"9"


cdef inline bint _letter(Py_UCS4 c) noexcept:
    """A character that jieba reads inside words: Han, letters, digits and a few marks."""
    return 0x4E00 <= c <= 0x9FD5 or u"a" <= c <= u"z" or u"A" <= c <= u"Z" or u"0" <= c <= u"9" or c in u"+#&._%-"


cdef class Cutter:
    """Where jieba cuts a few characters, without building the words.

    The most likely way through jieba's own dictionary, as `Tokenizer.cut(HMM=False)`
    takes it; on windows of a dozen characters some fifty times as fast.
    """

    def __cinit__(self):
        self.words = Trie()

    def __dealloc__(self):
        PyMem_Free(self.likely)
        PyMem_Free(self.cuts)
        free_ints(&self.first)
        free_ints(&self.last)

    cdef int read(self, str listed) except -1:
        """Take in jieba's dictionary: on each line a word, how often it was seen, its kind."""
        cdef Py_ssize_t length = len(listed), i = 0
        cdef int words = listed.count("\n") + 1, number
        cdef double total = 0.0, seen
        cdef Slot* slot
        self.likely = <double*> PyMem_Calloc(words, sizeof(double))
        if self.likely == NULL:
            raise MemoryError
        words = 0
        while i < length:
            slot = NULL
            while i < length and listed[i] != u" " and listed[i] != u"\n":
                slot = self.words.follow(0 if slot == NULL else slot.node, listed[i])
                i += 1
            i += 1
            seen = 0.0
            while i < length and u"0" <= listed[i] <= u"9":
                seen = 10 * seen + <int> listed[i] - <int> u"0"
                i += 1
            while i < length and listed[i] != u"\n":
                i += 1
            i += 1
            if slot != NULL:
                total += seen
                if slot.number < 0:
                    slot.number = words
                    words += 1
                self.likely[slot.number] = seen
        self.unknown = -log(total)
        for number in range(words):
            self.likely[number] = log(self.likely[number]) + self.unknown if self.likely[number] > 0.0 else UNSEEN
        return 0

    cdef bint is_word(self, str text, int start, int end) except -1:
        """Whether jieba, cutting the words around `start:end`, begins and ends words there."""
        cdef double score[LONGEST + 1]
        cdef int after[LONGEST]
        cdef int left = _left_bound(text, start), right = _right_bound(text, end), size, i, c, cursor
        cdef double likely
        cdef Cut* cut
        cdef Slot* edge
        cdef bint starts = False, ends = False
        size = right - left
        if size > LONGEST:
            return False
        if text is not self.text:
            self.text = text
            self.size = 0
            fill(&self.first, <int> len(text) + 1, -1)
            fill(&self.last, <int> len(text) + 1, -1)
        for i in range(size - 1):
            if self.first.at[left + i] < 0:
                edge = step(self.words, 0, text[left + i])
                if edge != NULL:
                    fetch(&self.words.slots[home(edge_key(edge.node, text[left + i + 1]), self.words.mask)])
        # From the right: the most likely way from each place to the end.
        score[size] = 0.0
        for i in range(size - 1, -1, -1):
            after[i] = 0
            if not _letter(text[left + i]):
                score[i], after[i] = 0.0, i + 1  # jieba cuts what is no letter one by one
                continue
            if self.first.at[left + i] < 0:
                self._look_up(left + i)
            for c in range(self.first.at[left + i], self.last.at[left + i]):
                cut = &self.cuts[c]
                if cut.end > right:
                    break
                likely = cut.likely + score[cut.end - left]
                if not after[i] or likely >= score[i]:
                    score[i], after[i] = likely, cut.end - left
            if not after[i]:
                score[i], after[i] = self.unknown + score[i + 1], i + 1
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

    cdef int _look_up(self, int place) except -1:
        """The dictionary's words that begin at a place of the text; several windows may ask for them."""
        cdef int node = 0, end, length = <int> len(self.text)
        cdef Slot* edge
        cdef Cut* bigger
        self.first.at[place] = self.size
        for end in range(place, length):
            if not _letter(self.text[end]):
                break
            edge = step(self.words, node, self.text[end])
            if edge == NULL:
                break
            node = edge.node
            if edge.number >= 0 and self.likely[edge.number] != UNSEEN:
                if self.size == self.room:
                    bigger = <Cut*> PyMem_Realloc(self.cuts, (2 * self.room + 64) * sizeof(Cut))
                    if bigger == NULL:
                        raise MemoryError
                    self.cuts, self.room = bigger, 2 * self.room + 64
                self.cuts[self.size] = Cut(end + 1, self.likely[edge.number])
                self.size += 1
        self.last.at[place] = self.size
        return 0


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
        self.numbers = tuple(range(len(self.names)))
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
        self._gather()
        fill(&self.marks, len(self.names), 0)

    def __dealloc__(self):
        PyMem_Free(self.entries)
        PyMem_Free(self.phrases)
        PyMem_Free(self.characters)
        PyMem_Free(self.begun)
        free_ints(&self.kinds)
        free_ints(&self.concepts)
        free_ints(&self.seconds)
        free_ints(&self.owner)
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
            push(&self.owner, self._numbered(phrase if gap < 0 else phrase[:gap]))
            push(&self.kinds, kind if gap < 0 else <int> JOINED)
            push(&self.concepts, concept)
            push(&self.seconds, -1 if gap < 0 else self._numbered(phrase[gap + 1 :]))
        return 0

    cdef int _gather(self) except -1:
        """Lay the entries of each phrase side by side: a match then looks at two places of memory."""
        cdef Lists order = Lists(Ints(NULL, 0, 0), Ints(NULL, 0, 0))
        cdef Ints numbers = Ints(NULL, 0, 0)
        cdef int i, entry, count = <int> len(self._patterns)
        self.phrases = <PhraseEntries*> PyMem_Calloc(count + 1, sizeof(PhraseEntries))
        self.entries = <Entry*> PyMem_Malloc((self.owner.size + 1) * sizeof(Entry))
        if self.phrases == NULL or self.entries == NULL:
            raise MemoryError
        try:
            for i in range(self.owner.size):
                push(&numbers, i)
            lay_out(&order, &self.owner, &numbers, count)
            for i in range(count):
                self.phrases[i].first = order.first.at[i]
                self.phrases[i].last = order.first.at[i + 1]
            for i in range(self.owner.size):
                entry = order.values.at[i]
                self.entries[i] = Entry(self.concepts.at[entry], self.kinds.at[entry], self.seconds.at[entry])
        finally:
            free_lists(&order)
            free_ints(&numbers)
        free_ints(&self.owner)
        free_ints(&self.kinds)
        free_ints(&self.concepts)
        free_ints(&self.seconds)
        return 0

    cdef int _numbered(self, str phrase) except -1:
        cdef int number = self.trie.add(phrase, <int> len(self._patterns))
        if number == len(self._patterns):
            self._patterns.append(phrase)
        return number

    def scan(self, str text):
        """Find which concepts a normalised text holds; see `concepts.pyi`."""
        cdef int length = <int> len(text), i, j, match, e, end
        cdef Slot* edge
        cdef PhraseEntries* phrase
        cdef Entry* entry
        cdef Spot spot
        cdef Ints cover_concepts = Ints(NULL, 0, 0), cover_matches = Ints(NULL, 0, 0)
        cdef Py_UCS4* characters
        cdef Scan scan = Scan.__new__(Scan)
        scan.index, scan.text = self, text
        self._begin()
        self._spell(text, length)
        characters = self.characters
        for i in range(length):
            edge = step(self.trie, 0, characters[i])
            self.begun[i] = edge
            if edge != NULL and i + 1 < length:
                # Half the time of a scan was waiting for the second edge: have them all fetched at once.
                fetch(&self.trie.slots[home(edge_key(edge.node, characters[i + 1]), self.trie.mask)])
        for i in range(length):
            edge = self.begun[i]
            for j in range(i, length):
                if j > i:
                    edge = step(self.trie, edge.node, characters[j])
                if edge == NULL:
                    break
                if edge.number >= 0:
                    push(&self.found, edge.number)
                    push(&self.starts, i)
                    push(&self.ends, j + 1)
                    self.phrases[edge.number].seen = self.round
        try:
            for match in range(self.found.size):
                phrase = &self.phrases[self.found.at[match]]
                if match + AHEAD < self.found.size:
                    fetch(&self.entries[self.phrases[self.found.at[match + AHEAD]].first])
                for e in range(phrase.first, phrase.last):
                    entry = &self.entries[e]
                    spot.concept, spot.start, spot.end = entry.concept, self.starts.at[match], self.ends.at[match]
                    spot.ambiguous = entry.kind == WORD
                    if entry.kind == UNLESS:
                        push(&cover_concepts, spot.concept)
                        push(&cover_matches, match)
                        continue
                    if entry.kind == JOINED:
                        if self.phrases[entry.second].seen != self.round:
                            continue
                        end = self._joined(text, match, entry.second)
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

    cdef int _begin(self) noexcept:
        """Forget the last text."""
        cdef int i
        if self.round > MOST_MARKS or self.last_mark > MOST_MARKS:
            self.round = self.last_mark = 0
            for i in range(<int> len(self._patterns)):
                self.phrases[i].seen = 0
            for i in range(self.marks.size):
                self.marks.at[i] = 0
        self.round += 1
        self.found.size = self.starts.size = self.ends.size = 0
        return 0

    cdef int _spell(self, str text, int length) except -1:
        """Lay the characters of a text side by side, whatever form Python keeps them in."""
        cdef Py_UCS4* bigger
        cdef Slot** more
        if length > self.longest:
            bigger = <Py_UCS4*> PyMem_Realloc(self.characters, length * sizeof(Py_UCS4))
            if bigger == NULL:
                raise MemoryError
            self.characters = bigger
            more = <Slot**> PyMem_Realloc(self.begun, length * sizeof(Slot*))
            if more == NULL:
                raise MemoryError
            self.begun, self.longest = more, length
        if length:
            PyUnicode_AsUCS4(text, self.characters, length, False)
        return 0

    cdef int _joined(self, str text, int match, int second) except -2:
        """Where the second half of a gap phrase ends that stands close behind in the same clause, or -1."""
        cdef int other, place, reach = self.ends.at[match]
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

    def warm_up(self):
        self.jieba()

    cdef Cutter jieba(self):
        """jieba's dictionary, read when first needed."""
        if self.cutter is None:
            self.cutter = Cutter()
            self.cutter.read(_dictionary())
        return self.cutter


def _dictionary():
    """The dictionary that jieba brings; importing jieba would cost more than reading it."""
    found = importlib.util.find_spec("jieba")
    return (Path(found.origin).parent / "dict.txt").read_text(encoding="utf-8")


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
