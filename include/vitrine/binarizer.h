// SPDX-License-Identifier: MIT
#pragma once
/// From float features to binary codes whose Hamming distance follows the distance of the features. Three
/// ways: the signs as they are, signs about each dimension's median, and ITQ (Gong and Lazebnik, "Iterative
/// Quantization", CVPR 2011). Which one finds most depends on the network: docs/benchmarks.md.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace vitrine {

enum class BinarizerMethod {
  kSign,    ///< bit i: feature[i] > 0; for features trained to be binarised; nothing is learned
  kMedian,  ///< bit i: feature[i] > the median of dimension i, so that each bit is set in half of the rows
  kItq      ///< bits of a rotation of the principal components that lies closest to the signs
};

/// The name of a method: "sign", "median" or "itq".
std::string_view to_string(BinarizerMethod method);

struct BinarizerOptions {
  BinarizerMethod method = BinarizerMethod::kItq;

  /// Length of the codes: a multiple of 64 from 64 to 4096, at most the dimension of the features. Sign and
  /// median use the first `code_bits` dimensions, ITQ the principal components of largest variance.
  std::size_t code_bits = 512;

  /// ITQ only: rounds of rotation, 1 to 1000. The error never rises; after 50 little changes.
  int iterations = 50;

  /// ITQ only: seed of the first rotation. Equal seeds and features give equal codes in one build.
  std::uint64_t seed = 1;
};

/// Turns features into codes. Immutable: all calls may run concurrently, and copies share what was learned.
class Binarizer {
 public:
  /// Learns from `features` `[n, dim]`, row-major, n >= 1. For ITQ some ten rows a bit are enough; with fewer
  /// rows than dimensions the surplus bits say little. Cost: sign O(1), median O(n code_bits), ITQ O(n dim^2
  /// + dim^3 + iterations (n code_bits^2 + code_bits^3)), memory O(n (dim + code_bits)).
  /// ErrorCode::kInvalidArgument for options out of range, an incomplete row, no row, or a value that is not
  /// finite.
  static Binarizer train(std::span<const float> features, std::size_t dim,
                         const BinarizerOptions& options = {});

  /// Reads what `to_bytes` wrote. ErrorCode::kCorrupt, with the offset, for bytes that are cut short, changed
  /// or out of range; kUnsupported for a newer format. Format: docs/format.md.
  static Binarizer from_bytes(std::span<const std::byte> bytes);
  std::vector<std::byte> to_bytes() const;

  /// The code of a feature `[dim]`: `[code_bits / 8]`, bit i is bit (i % 8) of byte i / 8.
  /// ErrorCode::kInvalidArgument for another length or a value that is not finite.
  std::vector<std::byte> apply(std::span<const float> feature) const;
  /// The codes of features `[n, dim]`: `[n, code_bits / 8]`, equal to those of `apply`. Uses the calling
  /// thread only.
  std::vector<std::byte> apply_batch(std::span<const float> features) const;

  BinarizerMethod method() const;
  std::size_t feature_dim() const;
  std::size_t code_bits() const;

 private:
  struct Impl;
  explicit Binarizer(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

}  // namespace vitrine
