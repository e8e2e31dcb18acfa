// SPDX-License-Identifier: MIT
#include "category/paired_bootstrap.h"

#include "engine/bootstrap.h"

namespace vitrine::benchmarks {

Share bootstrap_lead(const std::vector<bool>& ahead, const std::vector<bool>& behind,
                     std::size_t num_resamples, std::uint64_t seed) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < ahead.size(); ++i)
    differences.push_back(static_cast<double>(ahead[i]) - static_cast<double>(behind[i]));
  return engine::bootstrap_mean(differences, num_resamples, seed);
}

}  // namespace vitrine::benchmarks
