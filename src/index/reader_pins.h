// SPDX-License-Identifier: MIT
#pragma once
/// Which version of the index each running search sees, so that a writer knows what nobody can reach any
/// more (epoch-based reclamation; Fraser: Practical lock-freedom, 2004). Pinning never waits.
#include <atomic>
#include <cstdint>
#include <utility>

namespace vitrine::index {

class ReaderPins {
  struct Place;

 public:
  /// Keeps everything that version `version()` can reach from being reclaimed, until it is destroyed.
  class Pin {
   public:
    Pin(Pin&& other) noexcept : place_(std::exchange(other.place_, nullptr)), version_(other.version_) {}
    ~Pin();
    std::uint64_t version() const { return version_; }

   private:
    friend class ReaderPins;
    Pin(Place* place, std::uint64_t version) : place_(place), version_(version) {}
    Place* place_;
    std::uint64_t version_;
  };

  ReaderPins() = default;
  ~ReaderPins();
  ReaderPins(const ReaderPins&) = delete;
  ReaderPins& operator=(const ReaderPins&) = delete;

  /// Pins the newest published version.
  Pin pin() const;
  /// Makes `version` the newest. One thread at a time.
  void publish(std::uint64_t version) { newest_.store(version, std::memory_order_seq_cst); }
  std::uint64_t newest() const { return newest_.load(std::memory_order_seq_cst); }
  /// The oldest version that a reader may see, now or later.
  std::uint64_t oldest() const;

 private:
  std::atomic<std::uint64_t> newest_ = 1;
  mutable std::atomic<Place*> places_ = nullptr;  // grows to the largest number of simultaneous readers
};

}  // namespace vitrine::index
