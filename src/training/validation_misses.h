// SPDX-License-Identifier: MIT
#pragma once
#include <vector>

#include "training/picture_pool.h"
#include "training/validation.h"
#include "vitrine/training.h"

namespace vitrine::training {

/// The queries that are mistaken most in this gallery, see TrainingReport::misses; at most `limit`.
std::vector<ValidationMiss> worst_misses(const PicturePool& pool, const EmbeddedPictures& queries,
                                         const EmbeddedPictures& gallery, std::size_t limit);

}  // namespace vitrine::training
