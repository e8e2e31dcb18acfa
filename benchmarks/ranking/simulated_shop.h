// SPDX-License-Identifier: MIT
#pragma once
/// A market in which each picture is the offer of a seller of its own. Every offer has a hidden quality, and
/// the catalogue's columns tell of it, each with noise of its own; two of them do not.
#include <cstdint>
#include <filesystem>
#include <unordered_map>

#include "vitrine/catalog.h"

namespace vitrine::benchmarks {

/// By item id, standard normal.
using HiddenQuality = std::unordered_map<ItemId, double>;

/// Gives all items of a catalogue, which is changed, columns in place of those they had:
///   sales       round(exp(3 + q + 0.8 n)), missing for a tenth of the offers
///   conversion  0.03 exp(0.5 q + 0.5 n)
///   rating      4 + 0.4 q + 0.5 n, at most 5, in tenths; missing for a quarter
///   price       that of the product x exp(-0.25 q + 0.3 n)
///   age_days, stock  nothing to do with q
///   currency    the same everywhere
/// n being standard normal, drawn anew each time. Equal seeds give equal markets.
HiddenQuality make_market(const std::filesystem::path& catalog, std::uint64_t seed);

}  // namespace vitrine::benchmarks
