# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, embedsignature=True
"""The arithmetic of the second reader and of weighing it against what fired.

Dozens of small numpy calls cost ten times the arithmetic itself on a text of
forty characters. Compiled (docs/decisions/0006-compiled-core.md).
"""

from cpython.mem cimport PyMem_Calloc, PyMem_Free, PyMem_Malloc
from libc.math cimport exp, expf, log, sqrt

from engine.arbitrate cimport Ranked
from engine.arrays cimport Ints, fill, free_ints, push
from engine.concepts cimport Scan, Slot, Spot, Trie, step

import numpy as np

__all__ = ["Scorer", "weigh"]

cdef enum:
    WHOLE = 120  # characters; a longer text is read in windows
    WINDOW = 80
    MOST_WINDOWS = 80

cdef double LEAST_IN_WINDOW = 1e-4  # no window is a veto
cdef double LEAST = 1e-9
cdef double FLOOR = -7.0  # a fired item is never held back further than this by the reader


cdef class Scorer:
    """Chances of the classes for a text; see `scoring.pyi`."""

    cdef Trie grams
    cdef const float[::1] gram_idf
    cdef const float[::1] concept_idf
    cdef const float[::1] scale
    cdef const float[::1] bias
    cdef const signed char[:, ::1] weights
    cdef const int[::1] rows
    cdef double concept_share
    cdef double temperature
    cdef int classes
    cdef Ints counts  # of each gram in the text under way
    cdef Ints met  # grams of the text under way
    cdef Ints meant  # concept rows of the text under way

    def __init__(self, codes, gram_idf, concept_idf, scale, bias, weights, rows, concept_share, temperature):
        cdef const unsigned long long[::1] listed = codes
        cdef int row
        self.gram_idf, self.concept_idf, self.scale, self.bias = gram_idf, concept_idf, scale, bias
        self.weights, self.rows = weights, rows
        self.concept_share, self.temperature = concept_share, temperature
        self.classes = <int> self.bias.shape[0]
        if (
            self.weights.shape[0] != listed.shape[0] + self.concept_idf.shape[0]
            or self.weights.shape[1] != self.classes
            or self.gram_idf.shape[0] != listed.shape[0]
            or self.scale.shape[0] != self.weights.shape[0]
            or max(rows, default=-1) >= self.concept_idf.shape[0]
        ):
            raise ValueError("reader files do not belong together")
        self.grams = Trie()
        for row in range(<int> listed.shape[0]):
            first, second = <int> (listed[row] >> 32), <int> (listed[row] & 0xFFFFFFFF)
            self.grams.add(chr(first) + chr(second) if first else chr(second), row)
        fill(&self.counts, <int> listed.shape[0], 0)

    def __dealloc__(self):
        free_ints(&self.counts)
        free_ints(&self.met)
        free_ints(&self.meant)

    def chances(self, Scan scan):
        cdef int length = <int> len(scan.text), start, number = 0, c
        if len(scan.index.names) != self.rows.shape[0]:
            raise ValueError("a text scanned with another lexicon")
        found = np.zeros(self.classes + 1, dtype=np.float32)
        cdef float[::1] chances = found
        cdef float* window
        cdef double* total
        cdef double whole = 0.0
        if length <= WHOLE:
            self._read(scan, 0, length, &chances[0])
            return found
        window = <float*> PyMem_Malloc(self.classes * sizeof(float))
        total = <double*> PyMem_Calloc(self.classes, sizeof(double))
        if window == NULL or total == NULL:
            PyMem_Free(window)
            PyMem_Free(total)
            raise MemoryError
        try:
            for start in range(0, length - WINDOW // 2, WINDOW // 2):
                if number == MOST_WINDOWS:
                    break
                number += 1
                self._read(scan, start, min(start + WINDOW, length), window)
                for c in range(self.classes):
                    total[c] += log(window[c] + LEAST_IN_WINDOW)
            for c in range(self.classes):
                total[c] = exp(total[c] / number)
                whole += total[c]
            for c in range(self.classes):
                chances[c] = <float> (total[c] / whole)
        finally:
            PyMem_Free(window)
            PyMem_Free(total)
        return found

    cdef int _read(self, Scan scan, int start, int end, float* chances) except -1:
        """The chances for a stretch of the text."""
        cdef int i, row, c
        cdef double length = 0.0, value, total = 0.0
        cdef float most
        for c in range(self.classes):
            chances[c] = self.bias[c]
        self._count(scan.text, start, end)
        for i in range(self.met.size):
            row = self.met.at[i]
            value = (1.0 + log(self.counts.at[row])) * self.gram_idf[row]
            length += value * value
        length = sqrt(length) if length else 1.0
        for i in range(self.met.size):
            row = self.met.at[i]
            value = (1.0 + log(self.counts.at[row])) * self.gram_idf[row]
            self.counts.at[row] = 0
            self._add(row, value / length, chances)
        self._gather(scan, start, end)
        length = 0.0
        for i in range(self.meant.size):
            value = self.concept_idf[self.meant.at[i]]
            length += value * value
        length = sqrt(length) / self.concept_share if length else 1.0
        for i in range(self.meant.size):
            row = self.meant.at[i]
            self._add(self.counts.size + row, self.concept_idf[row] / length, chances)
        most = chances[0]
        for c in range(1, self.classes):
            most = max(most, chances[c])
        for c in range(self.classes):
            chances[c] = expf((chances[c] - most) * <float> self.temperature)
            total += chances[c]
        for c in range(self.classes):
            chances[c] = <float> (chances[c] / total)
        return 0

    cdef void _add(self, int row, double value, float* scores) noexcept:
        """Add one row of weights."""
        cdef float factor = <float> (value * self.scale[row])
        cdef const signed char* weights = &self.weights[row, 0]
        cdef int c
        for c in range(self.classes):
            scores[c] += factor * weights[c]

    cdef int _count(self, str text, int start, int end) except -1:
        """Count the known character 1- and 2-grams of a stretch of the text."""
        cdef int i
        cdef Slot* edge
        self.met.size = 0
        for i in range(start, end):
            edge = step(self.grams, 0, text[i])
            if edge == NULL:
                continue
            self._met(edge.number)
            if i + 1 < end:
                edge = step(self.grams, edge.node, text[i + 1])
                if edge != NULL:
                    self._met(edge.number)
        return 0

    cdef int _met(self, int gram) except -1:
        if gram >= 0:
            if self.counts.at[gram] == 0:
                push(&self.met, gram)
            self.counts.at[gram] += 1
        return 0

    cdef int _gather(self, Scan scan, int start, int end) except -1:
        """The concepts that stand in a stretch of the text, as rows."""
        cdef int i, concept, mark = scan.index.mark()
        cdef int* marks = scan.index.marks.at
        cdef Spot* spots = scan.spots
        self.meant.size = 0
        for i in range(scan.count):
            if spots[i].start >= end:
                break
            concept = spots[i].concept
            if spots[i].start >= start and spots[i].end <= end and marks[concept] != mark:
                marks[concept] = mark
                if self.rows[concept] >= 0:
                    push(&self.meant, self.rows[concept])
        return 0


def weigh(
    const float[::1] chances,
    list ranked,
    reclaimed,
    *,
    double reader,
    double unlisted,
    double strong,
    double supporting,
    double fired,
    double cover,
    double cap,
    double reclaimed_loss,
    int most,
):
    """Weigh what the reader and the rules say, in logits; see `scoring.pyi`."""
    cdef int count = <int> chances.shape[0], i, best
    cdef double whole = 0.0
    cdef double* logit = <double*> PyMem_Malloc(count * sizeof(double))
    cdef Ranked one
    if logit == NULL:
        raise MemoryError
    try:
        for i in range(count):
            logit[i] = reader * log(max(chances[i], LEAST))
        logit[count - 1] += unlisted
        for one in ranked:
            if one.item >= count - 1:
                raise IndexError(f"no chance for item {one.item}")
            logit[one.item] = (
                max(logit[one.item], FLOOR)
                + fired
                + (strong if one.strong else supporting) * min(one.score, cap)
                + cover * one.cover
            )
        for i in reclaimed:
            if not 0 <= i < count:
                raise IndexError(f"no chance for item {i}")
            logit[i] -= reclaimed_loss
        best = 0
        for i in range(1, count):
            if logit[i] > logit[best]:
                best = i
        for i in range(count):
            whole += exp(logit[i] - logit[best])
        return _foremost(logit, count - 1, most), best, 1.0 / whole
    finally:
        PyMem_Free(logit)


cdef list _foremost(double* logit, int count, int most):
    """The indexes of the largest values, largest first."""
    cdef list order = []
    cdef Ints found = Ints(NULL, 0, 0)
    cdef int i, place
    try:
        for i in range(count):
            if found.size == most:
                if logit[i] <= logit[found.at[most - 1]]:
                    continue
                found.size -= 1
            push(&found, i)
            place = found.size - 1
            while place and logit[i] > logit[found.at[place - 1]]:
                found.at[place] = found.at[place - 1]
                place -= 1
            found.at[place] = i
        for i in range(found.size):
            order.append(found.at[i])
    finally:
        free_ints(&found)
    return order
