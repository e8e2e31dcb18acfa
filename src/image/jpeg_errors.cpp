// SPDX-License-Identifier: MIT
#include "image/jpeg_errors.h"

#include <type_traits>

#include <jerror.h>

namespace vitrine::image {
namespace {

static_assert(std::is_standard_layout_v<JpegErrors>,
              "libjpeg's pointer to `base` is converted to JpegErrors");

void keep_and_jump(j_common_ptr jpeg) {
  auto* errors = reinterpret_cast<JpegErrors*>(jpeg->err);
  errors->code = errors->base.msg_code;
  errors->base.format_message(jpeg, errors->message);
  std::longjmp(errors->jump, 1);
}

// These leave every pixel as the camera wrote it: padding between segments, unknown versions and codes in
// headers whose meaning does not change the decoding. All other warnings mean that pixels were made up.
bool is_harmless(int code) {
  return code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR ||
         code == JWRN_NOT_SEQUENTIAL;
}

// Negative levels are warnings, the others a trace of the decoding.
void judge_message(j_common_ptr jpeg, int level) {
  if (level < 0 && !is_harmless(jpeg->err->msg_code)) keep_and_jump(jpeg);
}

void print_nothing(j_common_ptr) {}

}  // namespace

JpegErrors::JpegErrors() {
  jpeg_std_error(&base);
  base.error_exit = keep_and_jump;
  base.emit_message = judge_message;
  base.output_message = print_nothing;
}

}  // namespace vitrine::image
