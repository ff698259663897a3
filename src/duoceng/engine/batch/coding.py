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
    NONE,
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
def cells_of_row(entries, cells, first, columns, active, row, into):
    """The cell of each entry of one bill; `active` says which row of the data each source has, if any."""
    entries_, cells_ = pointer(entries), pointer(cells)
    for entry in range(len(into)):
        at = (first + entry) * ENTRY_WIDTH
        column = active[entries[at + ENTRY_COLUMN]]
        into[entry] = cell_of(memory_at(columns[column])[row], entries_, at, cells_) if column >= 0 else 0


@inner
def mixed(mix, word):
    """A hash with one word more."""
    mix = (mix ^ word) * 0x9E3779B97F4A7C1
    return mix ^ (mix >> 29)


@inner
def same(keys, at, own, words, count):
    """Is this the signature that stands there?"""
    if keys[at] != own:
        return False
    alike = 0
    for word in range(count):
        alike += keys[at + 1 + word] == words[word]
    return alike == count


@compiled
def sign(coding, group, columns, signature, first, last, only):
    """The signature of each bill; new ones get the next number. Stops, and says where, when the table is nearly full.

    `columns` holds the address of each column that entries look at.
    """
    entry_at, entries, cells = pointer(coding.entry_at), pointer(coding.entries), pointer(coding.cells)
    keys, found, words = pointer(coding.keys), pointer(coding.found), pointer(coding.words)
    addresses, groups, signatures, codes = pointer(columns), pointer(group), pointer(signature), pointer(coding.codes)
    word_count = pointer(coding.word_count)
    mask = len(coding.found) - 1
    for row in range(first, last):
        own = groups[row]
        if own < 0 or (only >= 0 and own != only):
            if own < 0:
                signatures[row] = own
            continue
        mix = own
        count = word_count[own]
        for word in range(count):
            total = 0
            for entry in range(entry_at[own * WORDS + word], entry_at[own * WORDS + word + 1]):
                at = entry * ENTRY_WIDTH
                answer = memory_at(addresses[entries[at + ENTRY_COLUMN]])[row]
                total += cell_of(answer, entries, at, cells) * entries[at + ENTRY_STRIDE]
            words[word] = total
            if total:
                mix = mixed(mix, total + word)
        slot = mix & mask
        while found[slot] >= 0 and not same(keys, slot * (WORDS + 1), own, words, count):
            slot = (slot + 1) & mask
        if found[slot] < 0:
            if coding.single[0] * 2 > mask:
                return row
            found[slot] = coding.single[1]
            keys[slot * (WORDS + 1)] = own
            for word in range(count):
                keys[slot * (WORDS + 1) + 1 + word] = words[word]
            coding.single[0] += 1
            coding.single[1] += codes[own]
        signatures[row] = found[slot]
    return last


@compiled
def rehash(old_keys, old_found, keys, found):
    """Move the signatures known so far into a larger table."""
    mask = len(found) - 1
    for old in range(len(old_found)):
        if old_found[old] < 0:
            continue
        at = old * (WORDS + 1)
        mix = old_keys[at]
        for word in range(WORDS):
            if old_keys[at + 1 + word]:
                mix = mixed(mix, old_keys[at + 1 + word] + word)
        slot = mix & mask
        while found[slot] >= 0:
            slot = (slot + 1) & mask
        found[slot] = old_found[old]
        for part in range(WORDS + 1):
            keys[slot * (WORDS + 1) + part] = old_keys[at + part]
