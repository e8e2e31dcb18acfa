// SPDX-License-Identifier: MIT
#include "catalog/schema.h"

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

constexpr std::uint32_t kApplicationId = 0x5654524e;  // "VTRN"
// user_version holds both parts of the format version: major * 1000 + minor.
constexpr std::uint32_t kVersionFactor = 1000;
// Of the database: segments stay at version 1.0.
constexpr std::uint32_t kDatabaseMinor = 3;
constexpr std::uint32_t kFormatVersion = kFormatMajor * kVersionFactor + kDatabaseMinor;
constexpr const char* kBlobPrefix = "blob:";  // of names in meta
constexpr std::size_t kMinCodeBits = 64;
constexpr std::size_t kMaxCodeBits = 4096;
constexpr std::size_t kMaxFeatureDim = 65536;

// items_rows holds what building an index needs, so that it reads 1/10 of the bytes of the table.
struct SchemaPart {
  std::uint32_t since_minor;  ///< databases of an older minor version do not have it
  const char* statement;
};
constexpr SchemaPart kSchema[] = {
    {0, "CREATE TABLE meta(name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID"},
    {0, "CREATE TABLE categories(category_index INTEGER PRIMARY KEY, name ANY NOT NULL UNIQUE) STRICT"},
    {0,
     "CREATE TABLE fields(kind INTEGER NOT NULL, name TEXT NOT NULL, escaped INTEGER NOT NULL, "
     "PRIMARY KEY(kind, name, escaped)) STRICT, WITHOUT ROWID"},
    {0,
     "CREATE TABLE segments(number INTEGER PRIMARY KEY, length_bytes INTEGER NOT NULL, "
     "num_rows INTEGER NOT NULL) STRICT"},
    {0,
     "CREATE TABLE items(item_id INTEGER PRIMARY KEY AUTOINCREMENT, segment INTEGER NOT NULL, "
     "row INTEGER NOT NULL, category_index INTEGER NOT NULL, product ANY NOT NULL, picture ANY NOT NULL, "
     "path ANY NOT NULL, hash BLOB NOT NULL, file_size_bytes INTEGER NOT NULL, modified_ns INTEGER NOT NULL, "
     "width_px INTEGER NOT NULL, height_px INTEGER NOT NULL, box_x0 INTEGER, box_y0 INTEGER, box_x1 INTEGER, "
     "box_y1 INTEGER, attributes TEXT NOT NULL, quality TEXT NOT NULL) STRICT"},
    {0, "CREATE UNIQUE INDEX items_key ON items(product, picture)"},
    {0, "CREATE INDEX items_hash ON items(hash)"},
    {0, "CREATE INDEX items_rows ON items(item_id, segment, row, category_index)"},
    {2, "CREATE TABLE commits(number INTEGER PRIMARY KEY, state INTEGER NOT NULL, touched BLOB) STRICT"},
    {2,
     "CREATE TABLE versions(product ANY NOT NULL, picture ANY NOT NULL, version INTEGER NOT NULL, "
     "PRIMARY KEY(product, picture)) STRICT, WITHOUT ROWID"},
};

std::string version_name(std::uint32_t version) {
  return std::to_string(version / kVersionFactor) + "." + std::to_string(version % kVersionFactor);
}

std::string set_version() {
  return "PRAGMA user_version = " + std::to_string(kFormatVersion);
}

std::uint32_t big_endian_32(std::string_view bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

void add_fact(const Database& database, std::string_view name, std::string_view value) {
  database.prepare("INSERT INTO meta VALUES(?, ?)").bind_text(1, name).bind_bytes(2, value).run();
}

void add_fact(const Database& database, std::string_view name, std::uint64_t value) {
  database.prepare("INSERT INTO meta VALUES(?, ?)")
      .bind_text(1, name)
      .bind(2, static_cast<std::int64_t>(value))
      .run();
}

std::string_view as_chars(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string file_of(const Database& database) {
  return sqlite3_db_filename(database.get(), "main");
}

std::uint32_t read_version(const Database& database) {
  Statement version = database.prepare("PRAGMA user_version");
  version.step();
  return static_cast<std::uint32_t>(version.integer(0));
}

bool is_part_of(const SchemaPart& part, std::uint32_t version) {
  return kFormatMajor * kVersionFactor + part.since_minor <= version;
}

// A damaged or hand-made file may hold other tables under our names: compare the very statements.
void check_tables(const Database& database) {
  std::vector<std::string> found;
  Statement statement = database.prepare(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
  while (statement.step()) found.emplace_back(statement.bytes(0));
  const std::uint32_t version = read_version(database);
  std::vector<std::string> expected;
  for (const SchemaPart& part : kSchema)
    if (is_part_of(part, version)) expected.emplace_back(part.statement);
  std::sort(found.begin(), found.end());
  std::sort(expected.begin(), expected.end());
  // A newer minor version may have more tables and indexes.
  const bool newer = version > kFormatVersion;
  if (newer ? std::includes(found.begin(), found.end(), expected.begin(), expected.end())
            : found == expected) {
    return;
  }
  throw Error(ErrorCode::kCorrupt, "'" + file_of(database) +
                                       "' is damaged: its tables are not those of format version " +
                                       version_name(version));
}

class FactReader {
 public:
  explicit FactReader(const Database& database) : database_(database) {}

  std::string text(std::string_view name) const {
    Statement statement = find(name);
    return std::string(statement.bytes(0));
  }
  std::uint64_t number(std::string_view name, std::uint64_t largest) const {
    Statement statement = find(name);
    const std::int64_t value = statement.integer(0);
    if (value < 0 || static_cast<std::uint64_t>(value) > largest) fail(name);
    return static_cast<std::uint64_t>(value);
  }
  [[noreturn]] void fail(std::string_view name) const {
    throw Error(ErrorCode::kCorrupt, "'" + file_of(database_) + "' is damaged: the entry '" +
                                         std::string(name) + "' of table meta is missing or impossible");
  }

 private:
  Statement find(std::string_view name) const {
    Statement statement = database_.prepare("SELECT value FROM meta WHERE name = ?");
    statement.bind_text(1, name);
    if (!statement.step()) fail(name);
    return statement;
  }
  const Database& database_;
};

}  // namespace

FileHeader Facts::segment_header(std::uint32_t number) const {
  FileHeader header;
  header.shape = shape();
  header.segment_number = number;
  header.catalog_id = catalog_id;
  header.model_hash = content_hash(std::as_bytes(std::span(identity.model_fingerprint)));
  return header;
}

void validate(const CatalogIdentity& identity) {
  if (identity.code_bits < kMinCodeBits || identity.code_bits > kMaxCodeBits ||
      identity.code_bits % 64 != 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot make a catalogue of " + std::to_string(identity.code_bits) +
                    "-bit codes: the length must be a multiple of 64 from 64 to 4096");
  }
  if (identity.feature_dim > kMaxFeatureDim) {
    throw Error(ErrorCode::kInvalidArgument, "cannot make a catalogue of features with " +
                                                 std::to_string(identity.feature_dim) + " numbers: at most " +
                                                 std::to_string(kMaxFeatureDim) + " are possible");
  }
}

void check_database_header(const Database& database, Purpose purpose) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  constexpr std::size_t kHeaderBytes = 100;
  const std::string file = file_of(database);
  const std::string bytes = database.first_bytes(kHeaderBytes);
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) {
    throw Error(ErrorCode::kCorrupt, "'" + file + "' is not an SQLite database; restore it from a backup");
  }
  if (big_endian_32(bytes, 68) != kApplicationId) {
    throw Error(ErrorCode::kCorrupt, "'" + file + "' is the SQLite database of another application (id " +
                                         std::to_string(big_endian_32(bytes, 68)) + "), not a catalogue");
  }
  const std::uint32_t version = big_endian_32(bytes, 60);
  const bool readable = version / kVersionFactor <= kFormatMajor;
  if (readable && (purpose == Purpose::kRead || version <= kFormatVersion)) return;
  throw Error(ErrorCode::kUnsupported, "cannot open '" + file + "'" + (readable ? " for writing" : "") +
                                           ": it has format version " + version_name(version) +
                                           ", this build has version " + version_name(kFormatVersion) +
                                           "; use a newer Vitrine");
}

void create_schema(const Database& database, const Facts& facts) {
  database.execute(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
  database.execute(set_version().c_str());
  for (const SchemaPart& part : kSchema) database.execute(part.statement);
  add_fact(database, "catalog_id", as_chars(facts.catalog_id));
  add_fact(database, "model_fingerprint", facts.identity.model_fingerprint);
  add_fact(database, "model_name", facts.identity.model_name);
  add_fact(database, "code_bits", facts.identity.code_bits);
  add_fact(database, "feature_dim", facts.identity.feature_dim);
  add_fact(database, "has_model", facts.has_model ? 1 : 0);
  add_fact(database, "model_bytes", facts.model_bytes);
  add_fact(database, "model_hash", as_chars(hash_bytes(facts.model_hash)));
}

Facts read_facts(const Database& database) {
  check_tables(database);
  const FactReader reader(database);
  Facts facts;
  const std::string id = reader.text("catalog_id");
  if (id.size() != facts.catalog_id.size()) reader.fail("catalog_id");
  std::transform(id.begin(), id.end(), facts.catalog_id.begin(),
                 [](char c) { return static_cast<std::byte>(c); });
  facts.identity.model_fingerprint = reader.text("model_fingerprint");
  facts.identity.model_name = reader.text("model_name");
  facts.identity.code_bits = reader.number("code_bits", kMaxCodeBits);
  facts.identity.feature_dim = reader.number("feature_dim", kMaxFeatureDim);
  if (facts.identity.code_bits < kMinCodeBits || facts.identity.code_bits % 64 != 0) reader.fail("code_bits");
  facts.has_model = reader.number("has_model", 1) == 1;
  facts.model_bytes = reader.number("model_bytes", INT64_MAX);
  facts.model_hash = hash_of_bytes(reader.text("model_hash"));
  return facts;
}

bool is_older_version(const Database& database) {
  return read_version(database) < kFormatVersion;
}

void upgrade_schema(const Database& database) {
  const std::uint32_t version = read_version(database);
  for (const SchemaPart& part : kSchema)
    if (!is_part_of(part, version)) database.execute(part.statement);
  database.execute(set_version().c_str());
}

std::uint64_t read_state(const Database& database) {
  Statement statement = database.prepare("SELECT value FROM meta WHERE name = 'state'");
  return statement.step() ? static_cast<std::uint64_t>(statement.integer(0)) : 0;
}

std::uint64_t renew_state(const Database& database) {
  std::random_device device;
  std::uniform_int_distribution<std::int64_t> any(1, std::numeric_limits<std::int64_t>::max());
  const std::int64_t state = any(device);
  database.prepare("INSERT OR REPLACE INTO meta VALUES('state', ?)").bind(1, state).run();
  return static_cast<std::uint64_t>(state);
}

void write_blob(const Database& database, std::string_view name, std::span<const std::byte> bytes) {
  const std::string entry = kBlobPrefix + std::string(name);
  if (bytes.empty()) {
    database.prepare("DELETE FROM meta WHERE name = ?").bind_text(1, entry).run();
  } else {
    database.prepare("INSERT OR REPLACE INTO meta VALUES(?, ?)")
        .bind_text(1, entry)
        .bind_blob(2, bytes)
        .run();
  }
}

std::optional<std::vector<std::byte>> read_blob(const Database& database, std::string_view name) {
  const std::string entry = kBlobPrefix + std::string(name);
  Statement statement = database.prepare("SELECT value FROM meta WHERE name = ?");
  statement.bind_text(1, entry);
  if (!statement.step()) return std::nullopt;
  const auto bytes = std::as_bytes(std::span(statement.bytes(0)));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

std::array<std::byte, 16> hash_bytes(const ContentHash& hash) {
  std::array<std::byte, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::byte>(hash.high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<std::byte>(hash.low >> (56 - 8 * i));
  }
  return bytes;
}

ContentHash hash_of_bytes(std::string_view bytes) {
  if (bytes.size() != 16) {
    throw Error(ErrorCode::kCorrupt, "the catalogue's database is damaged: a content hash has " +
                                         std::to_string(bytes.size()) + " bytes, expected 16");
  }
  ContentHash hash;
  for (std::size_t i = 0; i < 8; ++i) {
    hash.high = hash.high << 8 | static_cast<unsigned char>(bytes[i]);
    hash.low = hash.low << 8 | static_cast<unsigned char>(bytes[8 + i]);
  }
  return hash;
}

}  // namespace vitrine::catalog
