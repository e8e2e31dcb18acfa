// SPDX-License-Identifier: MIT
#pragma once
/// A TIFF file in memory, opened with its own error handlers and memory limit: libtiff's global ones stay
/// untouched.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <tiffio.h>

namespace vitrine::image {

class TiffHandle {
 public:
  /// `max_alloc_bytes` bounds each single allocation inside libtiff. get() is null if the file cannot be
  /// opened.
  TiffHandle(std::span<const std::byte> bytes, std::int64_t max_alloc_bytes);

  TIFF* get() const { return tiff_.get(); }

  /// The first message since the last call of forget_messages(), "" if none.
  const std::string& first_error() const { return memory_->first_error; }
  const std::string& first_warning() const { return memory_->first_warning; }
  void forget_messages();

 private:
  /// What libtiff's callbacks see.
  struct Memory {
    std::span<const std::byte> bytes;
    std::uint64_t position = 0;
    std::string first_error;
    std::string first_warning;
  };
  struct Close {
    void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  };

  static tmsize_t read(thandle_t handle, void* to, tmsize_t num_bytes);
  static tmsize_t write(thandle_t handle, void* from, tmsize_t num_bytes);
  static toff_t seek(thandle_t handle, toff_t offset, int whence);
  static int close(thandle_t handle);
  static toff_t size(thandle_t handle);
  static int map(thandle_t handle, void** base, toff_t* num_bytes);
  static void unmap(thandle_t handle, void* base, toff_t num_bytes);
  static int keep_error(TIFF* tiff, void* memory, const char* module, const char* format, va_list arguments);
  static int keep_warning(TIFF* tiff, void* memory, const char* module, const char* format,
                          va_list arguments);

  std::unique_ptr<Memory> memory_;  // at a fixed address, for the callbacks
  std::unique_ptr<TIFF, Close> tiff_;
};

}  // namespace vitrine::image
