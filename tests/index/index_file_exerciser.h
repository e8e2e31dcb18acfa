// SPDX-License-Identifier: MIT
#pragma once
/// What a program does with an index file that somebody may have forged: open it and use everything.
#include <cstddef>
#include <span>
#include <vector>

namespace vitrine::test {

/// Opens the bytes as an index and searches, changes and saves it. Whatever they are, this throws at most
/// vitrine::Error, which it keeps to itself; returns whether they were accepted.
bool exercise_index_file(std::span<const std::byte> bytes);

/// Gives a damaged file checksums that match, so that damage reaches what checksums would keep it from.
void repair_checksums(std::vector<std::byte>& bytes);

}  // namespace vitrine::test
