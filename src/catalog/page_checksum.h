// SPDX-License-Identifier: MIT
#pragma once
/// The checksum in the last 8 bytes of a database page, which SQLite leaves alone if the database's header
/// reserves them. docs/format.md says what it is.
#include <cstddef>
#include <cstdint>
#include <span>

namespace vitrine::catalog {

constexpr std::size_t kPageChecksumBytes = 8;

/// Whether these are the first bytes of a database, with all fields of its header.
bool is_database_start(std::span<const std::byte> bytes, std::uint64_t offset_bytes);
/// Whether the pages of the database that starts so have checksums.
bool announces_page_checksums(std::span<const std::byte> start);
/// Whether the first page would match if only it announced checksums: the announcement itself is damaged.
bool lost_its_announcement(std::span<const std::byte> first_page);

/// Whether a file is read or written there by a whole page.
bool is_page(std::size_t count_bytes, std::uint64_t offset_bytes);
bool matches_checksum(std::span<const std::byte> page, std::uint64_t offset_bytes);
void fill_in_checksum(std::span<std::byte> page, std::uint64_t offset_bytes);

}  // namespace vitrine::catalog
