// SPDX-License-Identifier: MIT
#include "image/tiff_handle.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>

namespace vitrine::image {
namespace {

constexpr int kHandled = 1;  // libtiff then does not call the global handlers, which print

void keep_first(std::string& message, const char* format, va_list arguments) {
  if (!message.empty()) return;
  char text[256];
  std::vsnprintf(text, sizeof text, format, arguments);
  // No exception may pass through libtiff; a message lost to lack of memory still counts as a message.
  try {
    message = text;
  } catch (const std::bad_alloc&) {
    message = "no memory";  // short enough to need none
  }
}

}  // namespace

TiffHandle::TiffHandle(std::span<const std::byte> bytes, std::int64_t max_alloc_bytes)
    : memory_(std::make_unique<Memory>()) {
  memory_->bytes = bytes;
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 &TIFFOpenOptionsFree);
  if (options == nullptr) throw std::bad_alloc();
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), max_alloc_bytes);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), &keep_error, memory_.get());
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), &keep_warning, memory_.get());
  tiff_.reset(TIFFClientOpenExt("picture", "r", memory_.get(), &read, &write, &seek, &close, &size, &map,
                                &unmap, options.get()));
}

void TiffHandle::forget_messages() {
  memory_->first_error.clear();
  memory_->first_warning.clear();
}

tmsize_t TiffHandle::read(thandle_t handle, void* to, tmsize_t num_bytes) {
  auto* memory = static_cast<Memory*>(handle);
  const std::uint64_t size = memory->bytes.size();
  if (num_bytes <= 0 || memory->position >= size) return 0;
  const std::uint64_t num_read = std::min(static_cast<std::uint64_t>(num_bytes), size - memory->position);
  std::memcpy(to, memory->bytes.data() + memory->position, num_read);
  memory->position += num_read;
  return static_cast<tmsize_t>(num_read);
}

tmsize_t TiffHandle::write(thandle_t, void*, tmsize_t) {
  return 0;
}

toff_t TiffHandle::seek(thandle_t handle, toff_t offset, int whence) {
  auto* memory = static_cast<Memory*>(handle);
  if (whence == SEEK_CUR) offset += memory->position;
  if (whence == SEEK_END) offset += memory->bytes.size();
  memory->position = offset;
  return offset;
}

int TiffHandle::close(thandle_t) {
  return 0;
}

toff_t TiffHandle::size(thandle_t handle) {
  return static_cast<Memory*>(handle)->bytes.size();
}

int TiffHandle::map(thandle_t handle, void** base, toff_t* num_bytes) {
  auto* memory = static_cast<Memory*>(handle);
  *base =
      const_cast<std::byte*>(memory->bytes.data());  // libtiff only reads it: the file is open for reading
  *num_bytes = memory->bytes.size();
  return 1;
}

void TiffHandle::unmap(thandle_t, void*, toff_t) {}

int TiffHandle::keep_error(TIFF*, void* memory, const char*, const char* format, va_list arguments) {
  keep_first(static_cast<Memory*>(memory)->first_error, format, arguments);
  return kHandled;
}

int TiffHandle::keep_warning(TIFF*, void* memory, const char*, const char* format, va_list arguments) {
  keep_first(static_cast<Memory*>(memory)->first_warning, format, arguments);
  return kHandled;
}

}  // namespace vitrine::image
