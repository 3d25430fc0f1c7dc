# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, embedsignature=True
"""From hits to facts: which concepts stand together in one passage.

Third step. A short text is one passage. A long one is read in overlapping
passages of a few sentences, so that a greeting at the top and a complaint at
the end do not add up to a matter that nobody raised.
"""

import re

from cpython.ref cimport PyObject

from engine.arrays cimport Ints, free_ints, push
from engine.concepts cimport Scan, Spot

cdef extern from "Python.h":
    object PyFrozenSet_New(PyObject* iterable)
    int PySet_Add(object, object) except -1  # also fills a frozenset that nobody has seen yet

__all__ = ["PASSAGE", "Passage", "passages"]

PASSAGE = 120

_SENTENCE = re.compile(r"[^。！？；]*[。！？；]*")
_PHRASE = re.compile(r"[^，、：]*[，、：]*")


cdef class Passage:
    """A stretch of the normalised text and the concepts that stand in it; see `facts.pyi`."""

    def __dealloc__(self):
        free_ints(&self.sure)
        free_ints(&self.doubtful)

    @property
    def concepts(self):
        cdef tuple numbers = self.scan.index.numbers
        cdef object found
        cdef int i
        if self._concepts is None:
            found = PyFrozenSet_New(NULL)
            for i in range(self.sure.size):
                PySet_Add(found, <object> numbers[self.sure.at[i]])
            self._concepts = found
        return self._concepts

    def touches(self, bytes watched):
        cdef const unsigned char* flags = watched
        cdef int i, size = <int> len(watched)
        for i in range(self.sure.size):
            if self.sure.at[i] < size and flags[self.sure.at[i]]:
                return True
        return False

    @property
    def ambiguous(self):
        return frozenset([self.doubtful.at[i] for i in range(self.doubtful.size)])


def _pieces(str text):
    """Sentences; one that is too long is cut at its commas, and at worst anywhere."""
    pieces = []
    for sentence in _SENTENCE.finditer(text):
        if sentence.end() - sentence.start() <= PASSAGE:
            pieces.append(sentence.span())
            continue
        start = sentence.start()
        for phrase in _PHRASE.finditer(text, sentence.start(), sentence.end()):
            if phrase.end() - start > PASSAGE and phrase.start() > start:
                pieces.append((start, phrase.start()))
                start = phrase.start()
        while sentence.end() - start > PASSAGE:
            pieces.append((start, start + PASSAGE))
            start += PASSAGE
        pieces.append((start, sentence.end()))
    return [(start, end) for start, end in pieces if end > start]


cdef Passage _passage(Scan scan, int start, int end, int first):
    """The passage `start:end`, or None where nothing stands in it; `first` is the first hit that begins in it."""
    cdef Passage part = Passage.__new__(Passage)
    cdef int* marks = scan.index.marks.at
    cdef int mark = scan.index.mark(), i = first, concept
    cdef Spot* spots = scan.spots
    while i < scan.count and spots[i].start < end:
        concept = spots[i].concept
        if not spots[i].ambiguous and spots[i].end <= end and marks[concept] != mark:
            marks[concept] = mark
            push(&part.sure, concept)
        i += 1
    part.scan, part.start, part.end, part.first, part.last = scan, start, end, first, i
    for i in range(first, part.last):
        concept = spots[i].concept
        if spots[i].ambiguous and spots[i].end <= end and marks[concept] != mark:
            marks[concept] = mark
            push(&part.doubtful, concept)
    return part if part.sure.size or part.doubtful.size else None


def passages(Scan scan):
    cdef Passage part
    cdef int covered = 0, first = 0, length = <int> len(scan.text)
    if length <= PASSAGE:
        part = _passage(scan, 0, length, 0)
        return [] if part is None else [part]
    pieces = _pieces(scan.text)
    found = []
    for i, (start, _) in enumerate(pieces):
        last = i
        while last + 1 < len(pieces) and pieces[last + 1][1] - start <= PASSAGE:
            last += 1
        end = pieces[last][1]
        if end <= covered:
            continue
        covered = end
        while first < scan.count and scan.spots[first].start < start:
            first += 1
        part = _passage(scan, start, end, first)
        if part is not None:
            found.append(part)
    return found
