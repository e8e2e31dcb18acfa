// SPDX-License-Identifier: MIT
#include "common/faiss_file.h"

#include <vector>

#include "common/buffered_file.h"

namespace vitrine::tools {
namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void write_header(BufferedFile& file, std::string_view name, const FaissCodes& codes) {
  constexpr std::int32_t kMetricL2 = 1;  // what FAISS stores for all binary indexes
  constexpr std::uint8_t kIsTrained = 1;
  file.write(name);
  file.write_values(static_cast<std::int32_t>(codes.code_bits), static_cast<std::int32_t>(codes.code_bytes()),
                    static_cast<std::int64_t>(codes.size()), kIsTrained, kMetricL2);
}

void write_flat(BufferedFile& file, const FaissCodes& codes) {
  write_header(file, "IBxF", codes);
  file.write_values(static_cast<std::uint64_t>(codes.bytes.size()));
  file.write(as_text(codes.bytes));
}

// No map from labels to lists.
void write_no_direct_map(BufferedFile& file) {
  file.write_values(std::uint8_t{0}, std::uint64_t{0});
}

void write_lists(BufferedFile& file, const FaissCodes& codes, std::size_t num_lists,
                 std::span<const std::uint32_t> lists) {
  std::vector<std::vector<std::int64_t>> rows(num_lists);
  for (std::size_t row = 0; row < lists.size(); ++row)
    rows[lists[row]].push_back(static_cast<std::int64_t>(row));
  file.write("ilar");
  file.write_values(static_cast<std::uint64_t>(num_lists), static_cast<std::uint64_t>(codes.code_bytes()));
  file.write("full");
  file.write_values(static_cast<std::uint64_t>(num_lists));
  for (const auto& list : rows) file.write_values(static_cast<std::uint64_t>(list.size()));
  for (const auto& list : rows) {
    for (const std::int64_t row : list)
      file.write(as_text(
          codes.bytes.subspan(static_cast<std::size_t>(row) * codes.code_bytes(), codes.code_bytes())));
    for (const std::int64_t row : list) file.write_values(row);
  }
}

}  // namespace

void write_faiss_flat(const std::filesystem::path& path, const FaissCodes& codes) {
  BufferedFile file(path);
  write_flat(file, codes);
  file.commit();
}

void write_faiss_ivf(const std::filesystem::path& path, const FaissCodes& codes, const FaissCodes& centroids,
                     std::span<const std::uint32_t> lists, std::size_t num_probes) {
  BufferedFile file(path);
  write_header(file, "IBwF", codes);
  file.write_values(static_cast<std::uint64_t>(centroids.size()), static_cast<std::uint64_t>(num_probes));
  write_flat(file, centroids);
  write_no_direct_map(file);
  write_lists(file, codes, centroids.size(), lists);
  file.commit();
}

}  // namespace vitrine::tools
