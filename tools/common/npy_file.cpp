// SPDX-License-Identifier: MIT
#include "common/npy_file.h"

#include <bit>

namespace vitrine::tools {
namespace {

// Room for any number of rows; a multiple of 64, as the format asks, so that the values are aligned.
constexpr std::size_t kHeaderBytes = 128;

}  // namespace

NpyFile::NpyFile(const std::filesystem::path& path, std::string_view descr, std::size_t num_columns)
    : file_(path), descr_(descr), num_columns_(num_columns) {
  file_.write(header());
}

void NpyFile::add_row(std::span<const std::byte> row) {
  file_.write({reinterpret_cast<const char*>(row.data()), row.size()});
  ++num_rows_;
}

void NpyFile::close() {
  file_.write_at(0, header());
  file_.commit();
}

std::string NpyFile::header() const {
  std::string text = "{'descr': '" + descr_ + "', 'fortran_order': False, 'shape': (" +
                     std::to_string(num_rows_) + ", " + std::to_string(num_columns_) + "), }";
  constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);
  const std::size_t length = kHeaderBytes - kMagic.size() - 2;
  text.resize(length - 1, ' ');
  std::string bytes(kMagic);
  bytes += static_cast<char>(length % 256);
  bytes += static_cast<char>(length / 256);
  return bytes + text + '\n';
}

std::string_view npy_float32() {
  return std::endian::native == std::endian::little ? "<f4" : ">f4";
}

}  // namespace vitrine::tools
