# Growing arrays of C values, owned by whoever holds them: `free_ints` when done.

from cpython.mem cimport PyMem_Free, PyMem_Realloc


cdef struct Ints:
    int* at
    int size
    int room


cdef inline int push(Ints* array, int value) except -1:
    """Add one value at the end."""
    cdef int room
    cdef int* bigger
    if array.size == array.room:
        room = 2 * array.room if array.room else 16
        bigger = <int*> PyMem_Realloc(array.at, room * sizeof(int))
        if bigger == NULL:
            raise MemoryError
        array.at = bigger
        array.room = room
    array.at[array.size] = value
    array.size += 1
    return 0


cdef inline int fill(Ints* array, int count, int value) except -1:
    """Make it `count` times one value."""
    array.size = 0
    while array.size < count:
        push(array, value)
    return 0


cdef inline void free_ints(Ints* array) noexcept:
    PyMem_Free(array.at)
    array.at = NULL
    array.size = array.room = 0


# Lists of values by number, one after the other in one array: those of number
# n are `values.at[first.at[n]:first.at[n + 1]]`.
cdef struct Lists:
    Ints first
    Ints values


cdef inline int lay_out(Lists* lists, Ints* owner, Ints* value, int count) except -1:
    """Gather pairs of owner and value into lists by owner, in the order of the pairs."""
    cdef int i, n
    fill(&lists.first, count + 1, 0)
    fill(&lists.values, owner.size, 0)
    for i in range(owner.size):
        lists.first.at[owner.at[i] + 1] += 1
    for n in range(count):
        lists.first.at[n + 1] += lists.first.at[n]
    for i in range(owner.size):
        n = owner.at[i]
        lists.values.at[lists.first.at[n]] = value.at[i]
        lists.first.at[n] += 1
    for n in range(count, 0, -1):
        lists.first.at[n] = lists.first.at[n - 1]
    lists.first.at[0] = 0
    return 0


cdef inline void free_lists(Lists* lists) noexcept:
    free_ints(&lists.first)
    free_ints(&lists.values)
