"""The compiled loop that gives each bill its signature: the cells its answers fall into, packed into words, and looked up.

A block of bills goes source by source: for each bill the same few moves, whatever its group looks at. What a group does not look at
falls into an entry that weighs nothing, so that no bill has to be asked.

    words of a block: nothing ──▶ + cell x weight, source by source ──▶ a hash of each bill ──▶ its signature, or a new one
"""

from duoceng.engine.batch.compiled import (
    AS_IS,
    BY_EDGE,
    ENTRY_AT,
    ENTRY_COLUMN,
    ENTRY_HIGH,
    ENTRY_HOW,
    ENTRY_INTO,
    ENTRY_LOW,
    ENTRY_STRIDE,
    ENTRY_WIDTH,
    KEPT,
    NEW,
    NEXT,
    NONE,
    SIGNATURES,
    WORDS,
    compiled,
    inner,
    ints_at,
    memory_at,
    pointer,
)

BLOCK = 512  # bills that are signed together: as many as have their words nearest
OF_GROUP, OF_WORD, OF_ALL = (
    0x2545F4914F6CDD1D,
    0x1E3779B97F4A7C15,
    0x3C79AC492BA7B653,
)  # factors: odd, without any pattern


@inner
def cell_of(answer, entries, at, cells):
    """Which cell of an entry an answer falls into; 0 for none."""
    how, low, high = entries[at + ENTRY_HOW], entries[at + ENTRY_LOW], entries[at + ENTRY_HIGH]
    cell = cell_by_table(answer, entries, at, cells)
    if how == AS_IS:
        cell = 0 if answer == NONE else answer + 1
    if how == BY_EDGE and answer != NONE:
        cell = 1
        for edge in range(low, high):
            if answer >= cells[edge]:
                cell += 1
    return cell


@inner
def cell_by_table(answer, entries, at, cells):
    """`cell_of`, where it is looked up in a table."""
    cell = cells[entries[at + ENTRY_AT] + min(max(answer, entries[at + ENTRY_LOW]), entries[at + ENTRY_HIGH])]
    return 0 if answer == NONE else cell


@compiled
def cells_of_row(entries, cells, answers, into):
    """The cell of each entry of one bill; `answers` are those of its sources."""
    entries_, cells_ = pointer(entries), pointer(cells)
    for entry in range(len(into)):
        at = entry * ENTRY_WIDTH
        into[entry] = cell_of(answers[entries[at + ENTRY_COLUMN]], entries_, at, cells_)


@inner
def first_from(rows, count, row):
    """Where the first of ascending rows stands that is this row or a later one."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if rows[middle] < row:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def answers_of_row(every, at, few, row, into):
    """What each source answers of one bill: those of which every row says something (`at` among `every`), and `few`."""
    answers_into(every, at, few, row, into)


@inner
def answers_into(every, at, few, row, into):
    """`answers_of_row`, in a loop."""
    for source in range(len(into)):
        into[source] = memory_at(every[at[source]])[row] if at[source] >= 0 else NONE
    for column in range(len(few[0])):
        rows = memory_at(few[1][column])
        at = first_from(rows, few[3][column], row)
        if at < few[3][column] and rows[at] == row:
            into[few[0][column]] = memory_at(few[2][column])[at]


@inner
def mixed(mix, word):
    """A hash with one word more."""
    mix = (mix ^ word) * 0x9E3779B97F4A7C1
    return mix ^ (mix >> 29)


@inner
def mixed_in(mix, word, number):
    """A hash with one word more; a word that is nothing leaves it as it is."""
    return mix + number * (OF_WORD * (2 * word + 3))


@inner
def mixed_up(mix):
    """The bits of a hash mixed up, so that the lowest say something of all."""
    mix = (mix ^ (mix >> 32)) * OF_ALL
    return mix ^ (mix >> 29)


@inner
def same(keys, at, own, words, on, count):
    """Is this the signature that is kept there? It begins with its number and its group."""
    if keys[at + 1] != own:
        return False
    alike = 0
    for word in range(count):
        alike += keys[at + 2 + word] == words[word * BLOCK + on]
    return alike == count


@inner
def pick(groups, count, only, picked):
    """The bills of a block that are to be signed, of so many: all that have a group, or those of one. How many they are."""
    some = 0
    for on in range(count):
        picked[some] = on
        some += groups[on] == only if only >= 0 else groups[on] >= 0
    return some


@inner
def lay_words(coding, groups, said, picked, some, words, first):
    """The answers that every row gives, added to the words of the bills that are picked. `said`: sources, addresses of their columns, and
    whether they go without asking: their entries are those of many bills, and all look up tables."""
    entries, cells = pointer(coding.entries), pointer(coding.cells)
    for column in range(len(said[0])):
        looks, answers = ints_at(entries_of(coding, said[0][column])), memory_at(said[1][column] + first * 8)
        if said[2][column]:
            for index in range(some):
                on = picked[index]
                entry = looks[groups[on]]
                cell = cell_by_table(answers[on], entries, entry, cells)
                words[entries[entry + ENTRY_INTO] + on] += cell * entries[entry + ENTRY_STRIDE]
        else:
            for index in range(some):
                on = picked[index]
                add_word(entries, looks[groups[on]], answers[on], cells, words, on)


@inner
def add_word(entries, entry, answer, cells, words, on):
    """An answer added to the word of its bill, where the group looks at it."""
    if entry > 0:
        cell = cell_of(answer, entries, entry, cells)
        words[entries[entry + ENTRY_INTO] + on] += cell * entries[entry + ENTRY_STRIDE]


@inner
def entries_of(coding, source):
    """The address of what says, by group, where the entry of a source stands."""
    return coding.entry_of.ctypes.data + source * coding.entry_of.shape[1] * 4


@inner
def add_words(coding, groups, few, cursors, words, first, last):
    """The answers that few rows give, added to their words. `few`: source, addresses of rows and of answers, how many; `cursors` are
    where the rows of each from `first` on begin, and are moved on."""
    entries, cells = pointer(coding.entries), pointer(coding.cells)
    for column in range(len(few[0])):
        looks = ints_at(entries_of(coding, few[0][column]))
        rows, answers = memory_at(few[1][column]), memory_at(few[2][column])
        at, end = cursors[column], few[3][column]
        while at < end and rows[at] < last:
            on = rows[at] - first
            add_word(entries, looks[max(groups[on], 0)], answers[at], cells, words, on)
            at += 1
        cursors[column] = at


@compiled
def sign(coding, group, said, few, cursors, room, signature, new, row, last, only):
    """The signature of each bill from `row` on, or of those of one group; new ones get the next number, and the first bill of each is
    noted in `new`. Stops, and says where, when the table is nearly full.

    `room`: the words of a block, and the bills that are picked of it.
    """
    single, words, picked = pointer(coding.single), pointer(room), pointer(room[WORDS * BLOCK :])
    wide, word_count, slots = 0, pointer(coding.word_count), len(coding.found)
    for own in range(len(coding.codes)):
        wide = max(wide, word_count[own])
    for column in range(len(few[0])):
        cursors[column] = first_from(memory_at(few[1][column]), few[3][column], row)
    while row < last:
        if (single[SIGNATURES] + BLOCK) * 2 >= slots or single[KEPT] + BLOCK * (WORDS + 2) > len(coding.keys):
            return row
        count = min(BLOCK, last - row)
        groups, signatures = memory_at(group.ctypes.data + row * 8), memory_at(signature.ctypes.data + row * 8)
        if only < 0:
            for on in range(count):
                signatures[on] = groups[on]
        some = pick(groups, count, only, picked)
        for word in range(wide):
            for on in range(count):
                words[word * BLOCK + on] = 0
        lay_words(coding, groups, said, picked, some, words, row)
        add_words(coding, groups, few, cursors, words, row, row + count)
        look_up(coding, groups, signatures, words, picked, some, new, row)
        row += count
    return last


@inner
def look_up(coding, groups, signatures, words, picked, some, new, first):
    """The signatures of the bills that are picked, by their words."""
    keys, found = pointer(coding.keys), pointer(coding.found)
    word_count, codes = pointer(coding.word_count), pointer(coding.codes)
    single, mask = pointer(coding.single), len(coding.found) - 1
    for index in range(some):
        on = picked[index]
        own = groups[on]
        mix, many = own * OF_GROUP, word_count[own]
        for word in range(many):
            mix = mixed_in(mix, word, words[word * BLOCK + on])
        slot = mixed_up(mix) & mask
        while found[slot] >= 0 and not same(keys, found[slot], own, words, on, many):
            slot = (slot + 1) & mask
        at = found[slot]
        if at < 0:
            at = single[KEPT]
            found[slot] = at
            keys[at], keys[at + 1] = single[NEXT], own
            for word in range(many):
                keys[at + 2 + word] = words[word * BLOCK + on]
            new[single[NEW]] = first + on
            single[NEW] += 1
            single[SIGNATURES] += 1
            single[NEXT] += codes[own]
            single[KEPT] = at + 2 + many
        signatures[on] = keys[at]


@compiled
def find_places(keys, kept, word_count, found):
    """Give every signature kept so far a slot of an empty table."""
    mask, at = len(found) - 1, 0
    while at < kept:
        own = keys[at + 1]
        mix = own * OF_GROUP
        for word in range(word_count[own]):
            mix = mixed_in(mix, word, keys[at + 2 + word])
        slot = mixed_up(mix) & mask
        while found[slot] >= 0:
            slot = (slot + 1) & mask
        found[slot] = at
        at += 2 + word_count[own]
