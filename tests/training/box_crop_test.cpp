// SPDX-License-Identifier: MIT
#include "training/box_crop.h"

#include "training/gradients.h"
#include "training/torch_with_catch.h"

using namespace vitrine::training;

namespace {

constexpr auto kDouble = torch::kFloat64;

torch::Tensor box(double x0, double y0, double x1, double y1) {
  return torch::tensor({x0, y0, x1, y1}, kDouble).view({1, 4});
}

// One channel of 4 x 4 pixels: 0 1 2 3 / 4 5 6 7 / ...
torch::Tensor numbered() {
  return torch::arange(16, kDouble).view({1, 1, 4, 4});
}

torch::Tensor values(std::initializer_list<double> numbers, std::int64_t side) {
  return torch::tensor(std::vector<double>(numbers), kDouble).view({1, 1, side, side});
}

}  // namespace

TEST_CASE("a crop has the values of its equation") {
  CHECK(crop_boxes(numbered(), box(0, 0, 1, 1), 4).allclose(numbered()));
  // The right upper quarter, pixel by pixel.
  CHECK(crop_boxes(numbered(), box(0.5, 0, 1, 0.5), 2).allclose(values({2, 3, 6, 7}, 2)));
  // Halved: each pixel between four.
  CHECK(crop_boxes(numbered(), box(0, 0, 1, 1), 2).allclose(values({2.5, 4.5, 10.5, 12.5}, 2)));
  // x = 3/8 and 5/8 are the centres of columns 1 and 2; y = 0.45 and 0.65 are rows 1.3 and 2.1.
  CHECK(crop_boxes(numbered(), box(0.25, 0.35, 0.75, 0.75), 2).allclose(values({6.2, 7.2, 9.4, 10.4}, 2)));
}

TEST_CASE("pictures are cropped row by row, and need not be square") {
  const torch::Tensor wide = torch::arange(16, kDouble).view({1, 1, 2, 8});
  const torch::Tensor both = torch::cat({wide, 100 + wide});
  const torch::Tensor found = crop_boxes(both, torch::cat({box(0, 0, 0.25, 1), box(0.75, 0, 1, 1)}), 2);
  CHECK(found[0].allclose(values({0, 1, 8, 9}, 2)[0]));
  CHECK(found[1].allclose(values({106, 107, 114, 115}, 2)[0]));
}

TEST_CASE("extreme boxes are cropped with finite gradients") {
  const auto cropped = [](const torch::Tensor& boxes) {
    torch::Tensor x = boxes.clone().requires_grad_();
    torch::Tensor picture = (numbered() + 1).requires_grad_();
    const torch::Tensor found = crop_boxes(picture, x, 2);
    found.sum().backward();
    CHECK(x.grad().isfinite().all().item<bool>());
    CHECK(picture.grad().isfinite().all().item<bool>());
    return found.detach();
  };
  // Twice the frame: x and y are 0 and 1, the picture's corners, where half of each axis is grey already.
  CHECK(cropped(box(-0.5, -0.5, 1.5, 1.5)).allclose(values({1, 4, 13, 16}, 2) / 4));
  CHECK(cropped(box(2, 2, 3, 3)).abs().max().item<double>() == 0);                    // outside: grey
  CHECK(cropped(box(0.375, 0.375, 0.375, 0.375)).allclose(values({6, 6, 6, 6}, 2)));  // one point
  const torch::Tensor straight = cropped(box(0.1, 0.2, 0.7, 0.9));
  CHECK(cropped(box(0.7, 0.2, 0.1, 0.9)).allclose(straight));  // swapped in x
  CHECK(cropped(box(0.7, 0.9, 0.1, 0.2)).allclose(straight));  // swapped in both
}

TEST_CASE("the gradients of a crop agree with finite differences") {
  torch::manual_seed(5);
  const auto options = torch::TensorOptions(kDouble);
  // Inside, partly outside, swapped, tiny.
  const torch::Tensor boxes = torch::tensor({0.113, 0.204, 0.751, 0.903, -0.213, 0.317, 0.622, 1.231, 0.811,
                                             0.702, 0.233, 0.131, 0.512, 0.483, 0.534, 0.497},
                                            options)
                                  .view({4, 4});
  const torch::Tensor pictures = torch::randn({4, 2, 5, 6}, options);
  const torch::Tensor weights = torch::randn({4, 2, 3, 3}, options);
  const auto seen = [&](const torch::Tensor& x, const torch::Tensor& at) {
    return (crop_boxes(x, at, 3) * weights).sum();
  };
  CHECK(vitrine::test::gradient_error([&](const torch::Tensor& x) { return seen(pictures, x); }, boxes) <
        1e-6);
  CHECK(vitrine::test::gradient_error([&](const torch::Tensor& x) { return seen(x, boxes); }, pictures) <
        1e-6);
}
