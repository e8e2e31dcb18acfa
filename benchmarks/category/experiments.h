// SPDX-License-Identifier: MIT
#pragma once
// The tables of docs/categories.md.
#include <cstddef>
#include <filesystem>

#include "vitrine/embedder.h"

namespace vitrine::benchmarks {

// Groceries and clothes: who is right how often, new categories, empty categories. Plots go to `plots`.
// With `other`, also how far a head on its features helps a search by those of `embedder`.
void print_accuracies(const Embedder& embedder, const std::filesystem::path& lists,
                      const std::filesystem::path& plots, const Embedder* other);

// A catalogue of so many items, made in `folder`: what restricting searches by category costs and gives.
void print_effects_on_search(const std::filesystem::path& model, const std::filesystem::path& lists,
                             const std::filesystem::path& folder, std::size_t num_items);

}  // namespace vitrine::benchmarks
