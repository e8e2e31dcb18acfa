// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <random>

namespace vitrine::training {

using Random = std::mt19937_64;

/// The generator of one picture in one epoch: independent of threads, batches and of what was drawn before.
inline Random random_for(std::uint64_t seed, std::uint64_t epoch, std::uint64_t position) {
  std::seed_seq sequence{seed & 0xffffffffU, seed >> 32U, epoch, position & 0xffffffffU, position >> 32U};
  return Random(sequence);
}

inline double uniform(Random& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}
inline double normal(Random& random, double sigma) {
  return std::normal_distribution<double>(0, sigma)(random);
}
inline bool chance(Random& random, double probability) {
  return uniform(random, 0, 1) < probability;
}

}  // namespace vitrine::training
