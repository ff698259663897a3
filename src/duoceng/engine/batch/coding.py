"""The compiled loop that gives each bill its signature: the cells its answers fall into, packed into words, and looked up."""

from duoceng.engine.batch.compiled import (
    AS_IS,
    BY_TABLE,
    ENTRY_AT,
    ENTRY_COLUMN,
    ENTRY_HIGH,
    ENTRY_HOW,
    ENTRY_LOW,
    ENTRY_STRIDE,
    ENTRY_WIDTH,
    ENTRY_WORD,
    KEPT,
    NEW,
    NEXT,
    NONE,
    SIGNATURES,
    WORDS,
    compiled,
    inner,
    memory_at,
    pointer,
)


@inner
def cell_of(answer, entries, at, cells):
    """Which cell of an entry an answer falls into; 0 for none."""
    if answer == NONE:
        return 0
    how, low, high = entries[at + ENTRY_HOW], entries[at + ENTRY_LOW], entries[at + ENTRY_HIGH]
    if how == AS_IS:
        return answer + 1
    if how == BY_TABLE:
        return cells[entries[at + ENTRY_AT] + min(max(answer, low), high) - low]
    cell = 1
    for edge in range(low, high):
        if answer >= cells[edge]:
            cell += 1
    return cell


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
def same(keys, at, own, words, on, span, count):
    """Is this the signature that is kept there? It begins with its number and its group."""
    if keys[at + 1] != own:
        return False
    alike = 0
    for word in range(count):
        alike += keys[at + 2 + word] == words[word * span + on]
    return alike == count


@compiled
def lay_words(coding, group, columns, laid, first, last, only):
    """The words of each bill, word after word, of the answers that every row gives. `columns` holds the addresses of these."""
    entry_at, entries, cells = pointer(coding.entry_at), pointer(coding.entries), pointer(coding.cells)
    addresses, groups, words, word_count = pointer(columns), pointer(group), pointer(laid), pointer(coding.word_count)
    for row in range(first, last):
        own = groups[row]
        if own < 0 or (only >= 0 and own != only):
            continue
        for word in range(word_count[own]):
            total = 0
            for entry in range(entry_at[own * WORDS + word], entry_at[own * WORDS + word + 1]):
                at = entry * ENTRY_WIDTH
                answer = memory_at(addresses[entries[at + ENTRY_COLUMN]])[row]
                total += cell_of(answer, entries, at, cells) * entries[at + ENTRY_STRIDE]
            words[word * (last - first) + row - first] = total


@compiled
def add_words(all_entries, cells_of, entry_of, group, few, laid, first, last, only):
    """The answers that few rows give, added to their words. `few`: source, addresses of rows and of answers, how many; `entry_of`
    says by source and group which entry looks at them."""
    entries, cells, groups, words, looks = (
        pointer(all_entries),
        pointer(cells_of),
        pointer(group),
        pointer(laid),
        pointer(entry_of),
    )
    for column in range(len(few[0])):
        looked, rows, answers = few[0][column] * entry_of.shape[1], memory_at(few[1][column]), memory_at(few[2][column])
        for at in range(first_from(rows, few[3][column], first), few[3][column]):
            row = rows[at]
            if row >= last:
                break
            own = groups[row]
            if own < 0 or (only >= 0 and own != only):
                continue
            entry = looks[looked + own] * ENTRY_WIDTH
            if entry >= 0:
                word, cell = entries[entry + ENTRY_WORD], cell_of(answers[at], entries, entry, cells)
                words[word * (last - first) + row - first] += cell * entries[entry + ENTRY_STRIDE]


@compiled
def sign(coding, group, laid, signature, new, first, row, last, only):
    """The signature of each bill from `row` on; new ones get the next number, and the first bill of each is noted in `new`. Stops, and
    says where, when the table is nearly full.

    `laid` are the words of the bills from `first` to `last`.
    """
    keys, found, words = pointer(coding.keys), pointer(coding.found), pointer(laid)
    groups, signatures, codes, word_count = (
        pointer(group),
        pointer(signature),
        pointer(coding.codes),
        pointer(coding.word_count),
    )
    mask, span = len(coding.found) - 1, last - first
    while row < last:
        own = groups[row]
        if own < 0 or (only >= 0 and own != only):
            if own < 0:
                signatures[row] = own
            row += 1
            continue
        mix, count, on = own, word_count[own], row - first
        for word in range(count):
            if words[word * span + on]:
                mix = mixed(mix, words[word * span + on] + word)
        slot = mix & mask
        while found[slot] >= 0 and not same(keys, found[slot], own, words, on, span, count):
            slot = (slot + 1) & mask
        at = found[slot]
        if at < 0:
            at = coding.single[KEPT]
            if coding.single[SIGNATURES] * 2 > mask or at + WORDS + 2 > len(coding.keys):
                return row
            found[slot] = at
            keys[at], keys[at + 1] = coding.single[NEXT], own
            for word in range(count):
                keys[at + 2 + word] = words[word * span + on]
            new[coding.single[NEW]] = row
            coding.single[NEW] += 1
            coding.single[SIGNATURES] += 1
            coding.single[NEXT] += codes[own]
            coding.single[KEPT] = at + 2 + count
        signatures[row] = keys[at]
        row += 1
    return last


@compiled
def find_places(keys, kept, word_count, found):
    """Give every signature kept so far a slot of an empty table."""
    mask, at = len(found) - 1, 0
    while at < kept:
        own, mix = keys[at + 1], keys[at + 1]
        for word in range(word_count[own]):
            if keys[at + 2 + word]:
                mix = mixed(mix, keys[at + 2 + word] + word)
        slot = mix & mask
        while found[slot] >= 0:
            slot = (slot + 1) & mask
        found[slot] = at
        at += 2 + word_count[own]
