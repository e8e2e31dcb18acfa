// SPDX-License-Identifier: MIT
#include "index/feature_file.h"

#include <cstdint>
#include <cstring>
#include <fstream>

#include "vitrine/error.h"

namespace vitrine::benchmarks {
namespace {

constexpr std::int32_t kMaxDim = 1 << 16;

}  // namespace

FeatureTable read_features(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(ErrorCode::kIo, "reading features: cannot open " + file.string());
  FeatureTable table;
  std::int32_t dim = 0;
  while (in.read(reinterpret_cast<char*>(&dim), sizeof dim)) {
    if (dim <= 0 || dim > kMaxDim || (table.dim != 0 && static_cast<std::size_t>(dim) != table.dim)) {
      throw Error(ErrorCode::kCorrupt,
                  "reading features: " + file.string() + " has a row of dimension " + std::to_string(dim));
    }
    table.dim = static_cast<std::size_t>(dim);
    const std::size_t begin = table.values.size();
    table.values.resize(begin + table.dim);
    if (!in.read(reinterpret_cast<char*>(table.values.data() + begin),
                 static_cast<std::streamsize>(table.dim * sizeof(float)))) {
      throw Error(ErrorCode::kCorrupt, "reading features: " + file.string() + " ends inside a row");
    }
  }
  return table;
}

void write_features(const std::filesystem::path& file, const FeatureTable& features) {
  std::ofstream out(file, std::ios::binary);
  const auto dim = static_cast<std::int32_t>(features.dim);
  for (std::size_t i = 0; i < features.size(); ++i) {
    out.write(reinterpret_cast<const char*>(&dim), sizeof dim);
    out.write(reinterpret_cast<const char*>(features.values.data() + i * features.dim),
              static_cast<std::streamsize>(features.dim * sizeof(float)));
  }
  if (!out.flush()) throw Error(ErrorCode::kIo, "writing features: cannot write " + file.string());
}

}  // namespace vitrine::benchmarks
