// SPDX-License-Identifier: MIT
#pragma once
/// Binary indexes in the form that FAISS reads (faiss::read_index_binary), written without FAISS.
///
/// The form is that of faiss/impl/index_write.cpp, version 1.7, on 64-bit little-endian machines: each part
/// begins with a name of four letters; a vector is its number of elements (8 bytes) and the elements.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace vitrine::tools {

/// Codes `[n, code_bits / 8]`, row after row.
struct FaissCodes {
  std::span<const std::byte> bytes;
  std::size_t code_bits = 0;
  std::size_t code_bytes() const { return code_bits / 8; }
  std::size_t size() const { return bytes.size() / code_bytes(); }
};

/// An IndexBinaryFlat: labels are row numbers.
void write_faiss_flat(const std::filesystem::path& path, const FaissCodes& codes);

/// An IndexBinaryIVF: each row is in the list of its nearest centroid, labels are row numbers.
/// `lists[i]` is below `centroids.size()`. `num_probes` is the number of lists that searches look at unless
/// told otherwise.
void write_faiss_ivf(const std::filesystem::path& path, const FaissCodes& codes, const FaissCodes& centroids,
                     std::span<const std::uint32_t> lists, std::size_t num_probes);

}  // namespace vitrine::tools
