// SPDX-License-Identifier: MIT
#pragma once
/// An array that grows without moving its elements: segments of doubling size. One thread may grow it while
/// others read elements whose index they learned from that thread.
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>

namespace vitrine::index {

template <typename T>
class SegmentedArray {
 public:
  static constexpr std::size_t kFirstSegment = 64;

  SegmentedArray() = default;
  ~SegmentedArray() {
    for (std::atomic<T*>& segment : segments_) delete[] segment.load(std::memory_order_relaxed);
  }
  SegmentedArray(const SegmentedArray&) = delete;
  SegmentedArray& operator=(const SegmentedArray&) = delete;

  T& operator[](std::size_t index) const {
    const std::size_t segment = segment_of(index);
    return segments_[segment].load(std::memory_order_acquire)[index - first_of(segment)];
  }

  /// Makes elements 0 to `size` - 1 exist, new ones value-initialised.
  void grow(std::size_t size) {
    while (capacity_ < size) {
      const std::size_t segment = segment_of(capacity_);
      segments_[segment].store(new T[kFirstSegment << segment](), std::memory_order_release);
      capacity_ += kFirstSegment << segment;
    }
  }
  std::size_t capacity() const { return capacity_; }

  /// The segment that holds an element, its first element and its number of elements.
  static std::size_t segment_of(std::size_t index) {
    return static_cast<std::size_t>(std::bit_width(index / kFirstSegment + 1)) - 1;
  }
  static std::size_t first_of(std::size_t segment) {
    return kFirstSegment * ((std::size_t{1} << segment) - 1);
  }

 private:
  std::array<std::atomic<T*>, 32> segments_{};
  std::size_t capacity_ = 0;
};

}  // namespace vitrine::index
