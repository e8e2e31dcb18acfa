// SPDX-License-Identifier: MIT
#pragma once
/// libjpeg's errors and warnings, caught instead of printed.
///
/// The libjpeg interface is used rather than TurboJPEG's (the same library) because it names every warning by
/// its code: TurboJPEG keeps the text of the first one only, behind which a truncation can hide.
#include <csetjmp>
#include <cstddef>
#include <cstdio>  // jpeglib.h needs FILE

#include <jpeglib.h>

namespace vitrine::image {

/// Give `&base` to libjpeg and call setjmp(jump) first: errors jump there with `code` and `message` filled.
/// Warnings that mean missing or damaged pixels count as errors.
struct JpegErrors {
  JpegErrors();

  jpeg_error_mgr base = {};
  std::jmp_buf jump = {};
  int code = 0;
  char message[JMSG_LENGTH_MAX] = {};
};

}  // namespace vitrine::image
