// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <vector>

#include "training/batches.h"
#include "training/triplet_pool.h"

namespace vitrine::training {

/// One epoch over all training photos in random order, each with items drawn from its triplets as
/// `options.triplets_per_query` and `options.negatives_per_triplet` say. A batch holds about
/// `options.batch_size` pictures, each picture once. With `options.shared_negatives` a triplet is compared
/// with all negatives of its batch but those whose product its photo's clicks name anywhere, and the photo
/// itself.
std::vector<BatchPlan> plan_triplets(const TripletPool& triplets, const TrainingOptions& options,
                                     std::uint64_t epoch);

}  // namespace vitrine::training
