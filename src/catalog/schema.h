// SPDX-License-Identifier: MIT
#pragma once
/// The tables of catalog.sqlite, what its header must say, and the facts fixed at creation.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/database.h"
#include "catalog/segment_format.h"
#include "vitrine/catalog.h"

namespace vitrine::catalog {

constexpr const char* kDatabaseName = "catalog.sqlite";
constexpr const char* kModelName = "model.safetensors";

/// Fixed when the catalogue is made.
struct Facts {
  CatalogIdentity identity;
  CatalogId catalog_id{};
  bool has_model = false;
  std::uint64_t model_bytes = 0;
  ContentHash model_hash;  ///< of the model file's bytes

  RowShape shape() const { return {identity.code_bits, identity.feature_dim}; }
  FileHeader segment_header(std::uint32_t number) const;
};

/// Errors: kInvalidArgument for a code length or feature dimension that cannot be stored.
void validate(const CatalogIdentity& identity);

/// What a catalogue will be opened for; a newer minor version can be read but not written.
enum class Purpose { kRead, kWrite };

/// Looks at the file's first bytes before SQLite does. Errors: kIo, kCorrupt if it is no catalogue's
/// database, kUnsupported for a newer version.
void check_database_header(const Database& database, Purpose purpose);

void create_schema(const Database& database, const Facts& facts);
/// Whether the database lacks tables of this version.
bool is_older_version(const Database& database);
/// Adds them, in the open transaction.
void upgrade_schema(const Database& database);
/// A number drawn at each commit, so that equal numbers mean an equal catalogue; 0 before the first commit of
/// version 1.1.
std::uint64_t read_state(const Database& database);
/// Draws the number for the commit of the open transaction.
std::uint64_t renew_state(const Database& database);
/// Errors: kCorrupt if tables differ from this version's or a fact is missing or impossible.
Facts read_facts(const Database& database);

/// Bytes of the caller's, under a name.
void write_blob(const Database& database, std::string_view name, std::span<const std::byte> bytes);
std::optional<std::vector<std::byte>> read_blob(const Database& database, std::string_view name);

/// 16 bytes, high half first, as the database stores hashes.
std::array<std::byte, 16> hash_bytes(const ContentHash& hash);
/// Errors: kCorrupt if there are not 16 bytes.
ContentHash hash_of_bytes(std::string_view bytes);

}  // namespace vitrine::catalog
