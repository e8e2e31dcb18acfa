// SPDX-License-Identifier: MIT
#include "index/itq.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "vitrine/error.h"

namespace vitrine::index {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::MatrixXd;

// Rows that are in double precision at a time.
constexpr Eigen::Index kRowsPerBlock = 1024;

// Sums are in double: the mean of equal floats is then that float exactly.
Eigen::VectorXd mean_of(const Eigen::Map<const Matrix>& features) {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(features.cols());
  for (Eigen::Index row = 0; row < features.rows(); ++row) {
    sum += features.row(row).cast<double>().transpose();
  }
  return sum / static_cast<double>(features.rows());
}

// Deviations from the mean, divided by the largest of them: ITQ does not depend on the scale, and squares of
// large floats would overflow.
Matrix scaled_deviations(const Eigen::Map<const Matrix>& features, const Eigen::VectorXf& mean) {
  double largest = 0;
  for (Eigen::Index row = 0; row < features.rows(); ++row) {
    const Eigen::VectorXd deviation = (features.row(row).transpose().cast<double>() - mean.cast<double>());
    largest = std::max(largest, deviation.cwiseAbs().maxCoeff());
  }
  Matrix result(features.rows(), features.cols());
  const double scale = largest > 0 ? 1 / largest : 1;
  for (Eigen::Index row = 0; row < features.rows(); ++row) {
    const auto deviation = features.row(row).cast<double>() - mean.cast<double>().transpose();
    result.row(row) = (scale * deviation).cast<float>();
  }
  return result;
}

// `[dim, code_bits]`: eigenvectors of the covariance, the largest eigenvalue first.
MatrixXd principal_axes(const Matrix& deviations, Eigen::Index code_bits) {
  const Eigen::Index dim = deviations.cols();
  MatrixXd covariance = MatrixXd::Zero(dim, dim);
  for (Eigen::Index row = 0; row < deviations.rows(); row += kRowsPerBlock) {
    const Eigen::Index count = std::min(kRowsPerBlock, deviations.rows() - row);
    const MatrixXd block = deviations.middleRows(row, count).cast<double>();
    covariance.selfadjointView<Eigen::Lower>().rankUpdate(block.transpose());
  }
  covariance /= static_cast<double>(deviations.rows());
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(covariance);
  if (solver.info() != Eigen::Success) {
    throw Error(ErrorCode::kInternal, "training ITQ: the principal components did not converge");
  }
  return solver.eigenvectors().rightCols(code_bits).rowwise().reverse();
}

// A random orthogonal matrix: Q of a Gaussian matrix. Normal numbers after Box and Muller, because the
// standard library's differ between implementations.
MatrixXd random_rotation(Eigen::Index size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1.0p-53; };
  MatrixXd gaussian(size, size);
  for (Eigen::Index i = 0; i < gaussian.size(); ++i) {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    gaussian.data()[i] = radius * std::cos(2 * std::numbers::pi * uniform());
  }
  return Eigen::HouseholderQR<MatrixXd>(gaussian).householderQ();
}

Matrix signs_of(const Matrix& values) {
  return values.unaryExpr([](float value) { return value > 0 ? 1.0F : -1.0F; });
}

// The rotation R that brings `components` R closest to `signs`: with signs^T components = S D T^T it is T S^T
// (the orthogonal Procrustes problem; equation 2 of the paper).
MatrixXd closest_rotation(const Matrix& signs, const Matrix& components) {
  const Matrix correlation = signs.transpose() * components;
  const Eigen::BDCSVD<MatrixXd> svd(correlation.cast<double>(), Eigen::ComputeFullU | Eigen::ComputeFullV);
  return svd.matrixV() * svd.matrixU().transpose();
}

}  // namespace

ItqResult train_itq(std::span<const float> features, std::size_t dim, std::size_t code_bits, int iterations,
                    std::uint64_t seed) {
  const auto num_bits = static_cast<Eigen::Index>(code_bits);
  const Eigen::Map<const Matrix> given(features.data(), static_cast<Eigen::Index>(features.size() / dim),
                                       static_cast<Eigen::Index>(dim));
  const Eigen::VectorXf mean = mean_of(given).cast<float>();
  MatrixXd axes;
  Matrix components;  // [n, code_bits]
  {
    const Matrix deviations = scaled_deviations(given, mean);
    axes = principal_axes(deviations, num_bits);
    components = deviations * axes.cast<float>();
  }
  ItqResult result;
  MatrixXd rotation = random_rotation(num_bits, seed);
  Matrix signs = signs_of(components * rotation.cast<float>());
  for (int round = 0; round < iterations; ++round) {
    rotation = closest_rotation(signs, components);
    const Matrix rotated = components * rotation.cast<float>();
    signs = signs_of(rotated);
    result.errors.push_back((signs - rotated).cast<double>().squaredNorm() /
                            static_cast<double>(given.rows()));
  }
  const Matrix projection = (axes * rotation).transpose().cast<float>();
  if (!projection.allFinite()) {
    throw Error(ErrorCode::kInternal, "training ITQ: the rotation did not converge");
  }
  result.mean.assign(mean.data(), mean.data() + mean.size());
  result.projection.assign(projection.data(), projection.data() + projection.size());
  return result;
}

}  // namespace vitrine::index
