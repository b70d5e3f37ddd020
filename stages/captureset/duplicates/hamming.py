"""All pairs of 256-bit hashes within a Hamming radius, exact, by comparing every pair.

A pair costs 2 to 3 ns: half the bits decide nearly every one, 8 bytes at a time, in blocks that stay in the processor's
cache. Sorted 16-bit bands would look at fewer pairs, but to be exact at radius 48 they need 2,752 probes a hash, fetch
what these find from all over memory, and look at more the more real hashes crowd; this costs the same for any hashes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8]  # shape (N, 32), most significant bit first
Words = NDArray[np.uint64]  # shape (4, N)
Block = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]  # one, other, bits

HASH_BITS = 256
BLOCK_ROWS, BLOCK_COLUMNS = 64, 4096  # 2 MB of words: about one core's cache
SCREEN_WORDS = 2  # unrelated hashes differ in 64 of these 128 bits, give or take 6
PERMUTATION = np.random.default_rng(256).permutation(HASH_BITS)  # each word gets bits of all frequencies


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of positions, `one < other`, with their distance; arrays of equal length, sorted by position."""

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    bits: NDArray[np.int64]


def codes_of(hashes: list[str]) -> Codes:
    """Return hashes of 64 hex digits as codes."""
    return np.frombuffer(bytes.fromhex("".join(hashes)), dtype=np.uint8).reshape(-1, HASH_BITS // 8)


def pairs_within(codes: Codes, radius_bits: int, first_new: int = 0) -> Pairs:
    """Return every pair at most `radius_bits` apart of which at least the later one is new.

    Work is 2 to 3 ns x codes x new codes, on every core; memory is that of the codes and of the pairs found.

    Args:
        codes: what to compare.
        radius_bits: largest distance, 0 to 128.
        first_new: position of the first code that was not compared before; 0 compares all.
    """
    words = _words(codes)
    starts = range(first_new, len(codes), BLOCK_ROWS)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [
            block
            for blocks in pool.map(lambda start: [*_row_block(words, start, radius_bits)], starts)
            for block in blocks
        ]
    one, other, bits = (np.concatenate([block[k] for block in found] or [np.empty(0, np.int64)]) for k in range(3))
    order = np.lexsort((other, one))
    return Pairs(one[order], other[order], bits[order])


def _words(codes: Codes) -> Words:
    shuffled = np.packbits(np.unpackbits(codes, axis=1)[:, PERMUTATION], axis=1)
    return np.ascontiguousarray(np.ascontiguousarray(shuffled).view(np.uint64).T)


def _row_block(words: Words, start: int, radius_bits: int) -> Iterator[Block]:
    """Give the pairs of some rows with every row before them or among them."""
    rows = words[:, start : start + BLOCK_ROWS]
    stop = start + rows.shape[1]
    screen = _Screen(rows)
    for left in range(0, stop, BLOCK_COLUMNS):
        columns = words[:, left : min(left + BLOCK_COLUMNS, stop)]
        row, column = divmod(np.flatnonzero(screen.differing(columns) <= radius_bits), columns.shape[1])
        bits = np.bitwise_count(rows[:, row] ^ columns[:, column]).sum(axis=0, dtype=np.int64)
        one, other = left + column, start + row
        wanted = (bits <= radius_bits) & (one < other)
        yield one[wanted], other[wanted], bits[wanted]


class _Screen:
    """Counts differing bits of the first words; its buffers stay, since fresh memory costs more than the counting."""

    def __init__(self, rows: Words) -> None:
        shape = (rows.shape[1], BLOCK_COLUMNS)
        self._rows = rows[:, :, None]
        self._xor, self._bits, self._sum = (
            np.empty(shape, np.uint64),
            np.empty(shape, np.uint8),
            np.empty(shape, np.uint8),
        )

    def differing(self, columns: Words) -> NDArray[np.uint8]:
        """Return the bits in which rows and columns differ, shape (rows, columns); valid until the next call."""
        wide = columns.shape[1]
        xor, bits, total = self._xor[:, :wide], self._bits[:, :wide], self._sum[:, :wide]
        total[:] = 0
        for word in range(SCREEN_WORDS):
            np.bitwise_xor(self._rows[word], columns[word], out=xor)
            np.bitwise_count(xor, out=bits)
            np.add(total, bits, out=total)
        return total
