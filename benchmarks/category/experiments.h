// SPDX-License-Identifier: MIT
#pragma once
// The tables of docs/categories.md.
#include <cstddef>
#include <filesystem>

#include "vitrine/embedder.h"

namespace vitrine::benchmarks {

// Groceries and clothes: who is right how often, new categories, empty categories. Plots go to `plots`.
void print_accuracies(const Embedder& embedder, const std::filesystem::path& lists,
                      const std::filesystem::path& plots);

// A catalogue of so many items, made in `folder`: what restricting searches by category costs and gives.
void print_effects_on_search(const std::filesystem::path& model, const std::filesystem::path& lists,
                             const std::filesystem::path& folder, std::size_t num_items);

}  // namespace vitrine::benchmarks
