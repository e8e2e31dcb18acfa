// SPDX-License-Identifier: MIT
#include "index/reader_pins.h"

#include <algorithm>
#include <limits>

namespace vitrine::index {
namespace {

constexpr std::uint64_t kFree = std::numeric_limits<std::uint64_t>::max();
// Pins everything, for the moment between taking a place and reading the newest version.
constexpr std::uint64_t kEverything = 0;

}  // namespace

// On a cache line of its own: readers must not slow each other down.
struct alignas(64) ReaderPins::Place {
  std::atomic<std::uint64_t> version;
  Place* next;
};

ReaderPins::~ReaderPins() {
  for (Place* place = places_.load(); place != nullptr;) delete std::exchange(place, place->next);
}

ReaderPins::Pin::~Pin() {
  if (place_ != nullptr) place_->version.store(kFree, std::memory_order_release);
}

ReaderPins::Pin ReaderPins::pin() const {
  Place* place = places_.load(std::memory_order_acquire);
  for (; place != nullptr; place = place->next) {
    std::uint64_t expected = kFree;
    if (place->version.load(std::memory_order_relaxed) == kFree &&
        place->version.compare_exchange_strong(expected, kEverything, std::memory_order_seq_cst)) {
      break;
    }
  }
  if (place == nullptr) {
    place = new Place{kEverything, places_.load(std::memory_order_relaxed)};
    while (!places_.compare_exchange_weak(place->next, place, std::memory_order_seq_cst)) {
    }
  }
  // A writer that has not seen this place yet published its version before the next line reads it.
  const std::uint64_t version = newest();
  place->version.store(version, std::memory_order_release);
  return {place, version};
}

std::uint64_t ReaderPins::oldest() const {
  std::uint64_t oldest = newest();
  for (const Place* place = places_.load(std::memory_order_seq_cst); place != nullptr; place = place->next) {
    oldest = std::min(oldest, place->version.load(std::memory_order_seq_cst));
  }
  return oldest;
}

}  // namespace vitrine::index
