# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, embedsignature=True
"""Exchange the characters of a text, and tell whether it needs a closer look.

The quick half of `engine/normalise.py`: nearly every text is done after one
pass over its characters. Compiled (docs/decisions/0006-compiled-core.md).
"""

from cpython.mem cimport PyMem_Calloc, PyMem_Free, PyMem_Malloc

__all__ = ["CharacterTable"]

cdef extern from "Python.h":
    object PyUnicode_FromKindAndData(int kind, const void* data, Py_ssize_t size)
    int PyUnicode_2BYTE_KIND

cdef enum:
    PLANE = 0x10000  # the characters that nearly every text consists of


cdef class CharacterTable:
    """Characters to exchange and to look out for; see `characters.pyi`."""

    cdef unsigned short* exchanged
    cdef unsigned char* unusual

    def __init__(self, exchanges, unusual):
        cdef int i
        self.exchanged = <unsigned short*> PyMem_Malloc(PLANE * sizeof(unsigned short))
        self.unusual = <unsigned char*> PyMem_Calloc(PLANE, 1)
        if self.exchanged == NULL or self.unusual == NULL:
            raise MemoryError
        for i in range(PLANE):
            self.exchanged[i] = <unsigned short> i
        for code, other in exchanges.items():
            if code < PLANE and other < PLANE:
                self.exchanged[<int> code] = <unsigned short> other
            elif code < PLANE:
                self.unusual[<int> code] = 1
        for character in unusual:
            self.unusual[<int> ord(character)] = 1
        for i in range(0xD800, 0xE000):
            self.unusual[i] = 1  # halves of characters

    def __dealloc__(self):
        PyMem_Free(self.exchanged)
        PyMem_Free(self.unusual)

    def exchange(self, str text):
        cdef Py_ssize_t length = len(text), i
        cdef Py_UCS4 character
        cdef bint changed = False
        cdef unsigned short* found = <unsigned short*> PyMem_Malloc(length * sizeof(unsigned short) + 1)
        if found == NULL:
            raise MemoryError
        try:
            for i in range(length):
                character = text[i]
                if character >= PLANE:
                    return None
                found[i] = self.exchanged[<int> character]
                if self.unusual[found[i]]:
                    return None
                changed |= found[i] != character
            return PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, found, length) if changed else text
        finally:
            PyMem_Free(found)
