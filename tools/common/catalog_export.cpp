// SPDX-License-Identifier: MIT
#include "common/catalog_export.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/temporary_folder.h"
#include "common/buffered_file.h"
#include "common/faiss_file.h"
#include "common/npy_file.h"
#include "common/utf8.h"
#include "hamming/kernel.h"
#include "index/clustering.h"
#include "vitrine/error.h"

namespace vitrine::tools {
namespace {

namespace fs = std::filesystem;

constexpr bool kIsLittleEndian = std::endian::native == std::endian::little;

/// Calls `visit` with every row and its item, in ascending id order.
void for_each_item(const Catalog& catalog, const ExportOptions& options,
                   const std::function<void(const Catalog::Row&, const Item&)>& visit) {
  catalog.for_each_row([&](const Catalog::Row& row) {
    if (options.should_stop && options.should_stop())
      throw Error(ErrorCode::kResource, "interrupted; nothing was written");
    visit(row, catalog.item(row.id).value());
  });
}

std::span<const std::byte> feature_bytes(const Catalog& catalog, const Catalog::Row& row) {
  return std::as_bytes(std::span(row.feature, row.feature == nullptr ? 0 : catalog.identity().feature_dim));
}

/// Line i describes row i of the arrays.
class ItemLines {
 public:
  explicit ItemLines(const fs::path& folder) : file_(folder / "items.jsonl") {}
  void add(const Catalog::Row& row, const Item& item) {
    using Json = nlohmann::ordered_json;
    Json object = {{"row", num_rows_++},          {"item_id", row.id}, {"product", item.key.product},
                   {"picture", item.key.picture}, {"path", item.path}, {"category", item.category}};
    object["attributes"] = Json::parse(item.attributes_json);
    object["quality"] = item.quality;
    file_.write(object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  }
  void close() { file_.commit(); }

 private:
  BufferedFile file_;
  std::uint64_t num_rows_ = 0;
};

void export_npy(const Catalog& catalog, const fs::path& folder, const ExportOptions& options) {
  const CatalogIdentity& identity = catalog.identity();
  ItemLines items(folder);
  NpyFile codes(folder / "codes.npy", "|u1", identity.code_bits / 8);
  NpyFile features(folder / "features.npy", kIsLittleEndian ? "<f2" : ">f2", identity.feature_dim);
  for_each_item(catalog, options, [&](const Catalog::Row& row, const Item& item) {
    items.add(row, item);
    codes.add_row(row.code);
    features.add_row(feature_bytes(catalog, row));
  });
  items.close();
  codes.close();
  features.close();
}

/// Lists of some square root of the number of rows each, as FAISS advises.
std::size_t num_lists_for(std::size_t num_rows) {
  constexpr std::size_t kMaxLists = 65'536;
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::sqrt(static_cast<double>(num_rows))), 1,
                                 kMaxLists);
}

void write_ivf(const fs::path& path, const FaissCodes& codes, unsigned num_threads) {
  const std::size_t num_words = codes.code_bits / 64;
  std::vector<std::uint64_t> words(codes.bytes.size() / sizeof(std::uint64_t));
  if (!words.empty()) std::memcpy(words.data(), codes.bytes.data(), codes.bytes.size());
  // Without rows there is one list, of a centroid that nothing is near to.
  std::vector<std::uint64_t> centroids(num_words);
  std::vector<std::uint32_t> lists;
  if (!words.empty()) {
    const hamming::Kernel& kernel = hamming::select_kernel("");
    centroids = index::train_centroids(
        kernel, words, num_words, {.num_centroids = num_lists_for(codes.size()), .num_threads = num_threads});
    lists = index::assign_all(kernel, words, centroids, num_words, num_threads);
  }
  const FaissCodes of_lists{std::as_bytes(std::span(centroids)), codes.code_bits};
  constexpr std::size_t kProbes = 16;
  write_faiss_ivf(path, codes, of_lists, lists, std::min(kProbes, of_lists.size()));
}

void export_faiss(const Catalog& catalog, const fs::path& folder, const ExportOptions& options) {
  if (!kIsLittleEndian)
    throw Error(ErrorCode::kUnsupported, "FAISS files can be written on little-endian machines only");
  ItemLines items(folder);
  std::vector<std::byte> bytes;
  for_each_item(catalog, options, [&](const Catalog::Row& row, const Item& item) {
    items.add(row, item);
    bytes.insert(bytes.end(), row.code.begin(), row.code.end());
  });
  items.close();
  const FaissCodes codes{bytes, catalog.identity().code_bits};
  write_faiss_flat(folder / "flat.faissindex", codes);
  write_ivf(folder / "ivf.faissindex", codes, options.num_threads);
}

/// A field of PostgreSQL's COPY text format. A text of the database holds UTF-8 without zero bytes.
std::string copy_field(std::string_view bytes) {
  std::string field;
  for (const char c : to_valid_utf8(bytes)) {
    switch (c) {
      case '\\':
        field += "\\\\";
        break;
      case '\t':
        field += "\\t";
        break;
      case '\n':
        field += "\\n";
        break;
      case '\r':
        field += "\\r";
        break;
      case '\0':
        field += "\xEF\xBF\xBD";
        break;
      default:
        field += c;
    }
  }
  return field;
}

// The first character is bit 0 of the code.
std::string bit_string(std::span<const std::byte> code) {
  std::string bits;
  for (const std::byte byte : code)
    for (int bit = 0; bit < 8; ++bit)
      bits += std::to_integer<int>(byte >> bit & std::byte{1}) == 1 ? '1' : '0';
  return bits;
}

std::string vector_text(std::span<const float> values) {
  std::string text = "[";
  std::array<char, 32> number{};
  for (const float value : values) {
    if (text.size() > 1) text += ',';
    const auto written = std::to_chars(number.data(), number.data() + number.size(), value);
    text.append(number.data(), written.ptr);
  }
  return text + "]";
}

std::string schema_sql(const CatalogIdentity& identity) {
  std::string sql =
      "-- psql -f schema.sql, in this folder; needs the extension pgvector 0.7 or later.\n"
      "CREATE EXTENSION IF NOT EXISTS vector;\n"
      "CREATE TABLE vitrine_items (\n"
      "  item_id bigint PRIMARY KEY,\n"
      "  product text NOT NULL,\n"
      "  picture text NOT NULL,\n"
      "  path text NOT NULL,\n"
      "  category text NOT NULL,\n"
      "  attributes json NOT NULL,\n"
      "  quality json NOT NULL,\n"
      "  code bit(" +
      std::to_string(identity.code_bits) + ") NOT NULL";
  if (identity.feature_dim > 0)
    sql += ",\n  feature halfvec(" + std::to_string(identity.feature_dim) + ") NOT NULL";
  return sql +
         "\n);\n"
         "\\copy vitrine_items FROM 'items.copy'\n"
         "-- Nearest codes: SELECT ... ORDER BY code <~> B'...' LIMIT 60\n";
}

void export_pgvector(const Catalog& catalog, const fs::path& folder, const ExportOptions& options) {
  BufferedFile rows(folder / "items.copy");
  for_each_item(catalog, options, [&](const Catalog::Row& row, const Item& item) {
    std::string line = std::to_string(row.id);
    for (const std::string& text :
         {item.key.product, item.key.picture, item.path, item.category, item.attributes_json,
          nlohmann::json(item.quality).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)})
      line += '\t' + copy_field(text);
    line += '\t' + bit_string(row.code);
    if (row.feature != nullptr)
      line += '\t' + vector_text(to_float({row.feature, catalog.identity().feature_dim}));
    rows.write(line + '\n');
  });
  rows.commit();
  BufferedFile schema(folder / "schema.sql");
  schema.write(schema_sql(catalog.identity()));
  schema.commit();
}

}  // namespace

void export_catalog(const Catalog& catalog, const fs::path& folder, std::string_view format,
                    const ExportOptions& options) {
  base::TemporaryFolder target(folder);
  if (format == "npy")
    export_npy(catalog, target.path(), options);
  else if (format == "faiss")
    export_faiss(catalog, target.path(), options);
  else if (format == "pgvector")
    export_pgvector(catalog, target.path(), options);
  else
    throw Error(ErrorCode::kInvalidArgument, "unknown export format '" + std::string(format) + "'");
  target.commit();
}

}  // namespace vitrine::tools
