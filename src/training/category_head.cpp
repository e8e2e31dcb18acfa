// SPDX-License-Identifier: MIT
#include "training/category_head.h"

namespace vitrine::training {

namespace F = torch::nn::functional;

CategoryHead fit_category_head(const torch::Tensor& features, const torch::Tensor& labels,
                               std::int64_t num_categories, double decay) {
  CategoryHead head{torch::zeros({num_categories, features.size(1)}), torch::zeros({num_categories})};
  head.weight.requires_grad_();
  head.bias.requires_grad_();
  torch::optim::LBFGS optimizer(
      {head.weight, head.bias},
      torch::optim::LBFGSOptions(1.0).max_iter(200).history_size(20).line_search_fn("strong_wolfe"));
  optimizer.step([&] {
    optimizer.zero_grad();
    torch::Tensor loss = F::cross_entropy(F::linear(features, head.weight, head.bias), labels) +
                         0.5 * decay * head.weight.square().sum();
    loss.backward();
    return loss;
  });
  head.weight = head.weight.detach();
  head.bias = head.bias.detach();
  return head;
}

double accuracy(const CategoryHead& head, const torch::Tensor& features, const torch::Tensor& labels) {
  torch::NoGradGuard no_gradient;
  const torch::Tensor predicted = F::linear(features, head.weight, head.bias).argmax(1);
  return (predicted == labels).to(torch::kFloat64).mean().item<double>();
}

}  // namespace vitrine::training
