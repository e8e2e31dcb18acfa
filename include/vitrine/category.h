// SPDX-License-Identifier: MIT
#pragma once
/// Which category a picture belongs to: what the model says and how its nearest labelled neighbours vote,
/// fused into one calibrated opinion. Plain arrays in, scores out; docs/categories.md explains the method and
/// its figures. Paper: Visual Search at Alibaba (KDD 2018), section 3.1. All functions are pure and all
/// classes immutable: calls may run concurrently.
///
/// Categories are any strings. Those of the model and those of the neighbours are matched by name; where the
/// lists differ, each side is asked only about what it knows.
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine {

struct CategoryScore {
  std::string name;
  double probability = 0;
};

/// The most probable categories, at most `limit`; equally probable ones by name, impossible ones left out.
/// `probabilities` and `names` are `[categories]`.
std::vector<CategoryScore> best_categories(std::span<const double> probabilities,
                                           std::span<const std::string> names, std::size_t limit);

/// The first `level` parts of a name such as "Packages/Milk/Oatly", or all of it if it has no more; level 0:
/// all.
std::string_view category_at_level(std::string_view name, std::size_t level);

/// As best_categories, with the probabilities of all categories below one name of that level added up.
std::vector<CategoryScore> best_categories_at_level(std::span<const double> probabilities,
                                                    std::span<const std::string> names, std::size_t level,
                                                    std::size_t limit);

/// The fewest categories that together have at least `mass` of the probability, most probable first, as
/// indices; equally probable ones in their order. All of positive probability if even these have less.
std::vector<std::size_t> fewest_categories(std::span<const double> probabilities, double mass);

/// A labelled neighbour of the query.
struct CategoryNeighbor {
  std::uint32_t category_index = 0;  ///< into the list of the search's categories
  double cosine = 0;                 ///< of the two features; L2-normalised: d^2 = 2 - 2 cosine
};

/// Shares of the votes: s_c = sum of w_i over neighbours of category c / sum of all w_i, w_i = exp(-lambda
/// d_i^2). Shape: `[num_categories]`, sums to 1; all 0 if nobody votes (no neighbour, or no finite cosine).
/// kInvalidArgument for an index out of range or lambda below 0.
std::vector<double> vote_for_categories(std::span<const CategoryNeighbor> neighbors,
                                        std::size_t num_categories, double lambda);

/// Softmax of the logits divided by `temperature`, given the probabilities of temperature 1 (Guo et al., "On
/// Calibration of Modern Neural Networks", ICML 2017): p_c^(1/T), made to sum to 1. All 0 stays so.
std::vector<double> with_temperature(std::span<const double> probabilities, double temperature);

/// Of the predictions whose confidence lies in one range: how sure they are and how often they are right.
struct ReliabilityBin {
  std::size_t count = 0;
  double mean_confidence = 0;
  double accuracy = 0;
};
/// Ranges of equal width over [0, 1]. `confidences` and `right` are `[n]`. kInvalidArgument if not, or
/// without bins.
std::vector<ReliabilityBin> reliability_of(std::span<const double> confidences,
                                           const std::vector<bool>& right, std::size_t num_bins = 15);
/// Expected calibration error (Guo et al. 2017): mean of |accuracy - confidence| over the bins, weighted by
/// their counts. 0 to 1.
double expected_calibration_error(std::span<const ReliabilityBin> bins);

/// What is fitted. A plain value; `fit_category_fusion` makes it, and every number can be set by hand.
struct CategoryFusion {
  std::size_t num_neighbors = 30;  ///< how many labelled neighbours vote, at least 1
  double lambda = 8;               ///< of the vote, at least 0; 0: all votes count the same
  double model_temperature = 1;    ///< above 0
  double fused_temperature = 1;    ///< above 0; of the fused opinion
  double alpha = 0.5;              ///< weight of the model, 0 to 1; the vote has the rest
  /// Categories with a weight of their own.
  std::map<std::string, double, std::less<>> category_alphas{};
  /// The lists at the time of the fit, to tell what has changed since; not used in predictions.
  std::vector<std::string> model_categories{};
  std::vector<std::string> search_categories{};
  std::uint64_t num_samples = 0;  ///< that it was fitted on; 0: not fitted

  /// kInvalidArgument for a number out of range.
  void validate() const;
  /// Format: docs/format.md, "Category fusion".
  std::vector<std::byte> to_bytes() const;
  /// ErrorCode::kCorrupt, with the offset, for bytes that are cut short, changed or out of range;
  /// kUnsupported for a newer format.
  static CategoryFusion from_bytes(std::span<const std::byte> bytes);
};

/// All opinions on one query, `[names]` each. One that sums to 1 is an opinion, one of zeros is silence.
struct CategoryPrediction {
  std::vector<double> model;   ///< calibrated
  std::vector<double> search;  ///< shares of the votes
  std::vector<double> fused;   ///< calibrated
};

/// A fusion together with the two lists of categories at hand.
///
/// A category that both sides know gets p_c = alpha_c m_c + (1 - alpha_c) s_c, as in the paper. One that only
/// the neighbours know (new items; the model never saw the like) gets its share of the votes, and what the
/// vote gives to such categories is taken from the model; likewise for those that only the model knows (no
/// item yet). docs/categories.md derives it. If the lists have no name in common, or one side is silent, the
/// other one decides.
class CategoryPredictor {
 public:
  /// Of the names that occur twice in a list, the first one counts. The empty name means "no category" and is
  /// never predicted. kInvalidArgument as CategoryFusion::validate.
  CategoryPredictor(CategoryFusion fusion, std::span<const std::string> model_categories,
                    std::span<const std::string> search_categories);

  /// The categories of either side: the model's, then those that only the search knows.
  const std::vector<std::string>& names() const { return names_; }
  /// Whether the search side has items of the category.
  bool is_searchable(std::size_t name_index) const { return sides_[name_index] != Side::kModel; }
  /// Whether the two sides have a category in common.
  bool has_common() const { return has_common_; }
  const CategoryFusion& fusion() const { return fusion_; }

  /// `model_probabilities` is `[model_categories]`, or empty if there is no model. `neighbors` are nearest
  /// first; those without a category are passed over, and of the others the first
  /// CategoryFusion::num_neighbors vote. kInvalidArgument for another length or an index out of range. Cost:
  /// O(names + neighbors).
  CategoryPrediction predict(std::span<const float> model_probabilities,
                             std::span<const CategoryNeighbor> neighbors) const;

  /// The two steps of `predict`, for those who fit: opinions over `names()`, calibrated by the given numbers.
  std::vector<double> model_opinion(std::span<const float> model_probabilities, double temperature) const;
  std::vector<double> search_opinion(std::span<const CategoryNeighbor> neighbors, double lambda) const;
  /// The fused opinion before its temperature; `alphas` is `[names]`.
  std::vector<double> fuse(std::span<const double> model, std::span<const double> search,
                           std::span<const double> alphas) const;

  enum class Side : std::uint8_t { kBoth, kModel, kSearch };
  std::span<const Side> sides() const { return sides_; }

 private:
  CategoryFusion fusion_;
  std::vector<std::string> names_;
  std::vector<Side> sides_;
  std::vector<std::size_t> name_of_model_;   // kNoName: left out
  std::vector<std::size_t> name_of_search_;  // kNoName: left out
  std::vector<double> alphas_;
  bool has_common_ = false;
};

/// A picture whose category is known, with what both sides say of it.
struct CategorySample {
  std::string category;
  std::vector<float> model_probabilities;   ///< `[model_categories]`, or empty
  std::vector<CategoryNeighbor> neighbors;  ///< nearest first, without the picture itself
};

struct CategoryFitOptions {
  std::size_t num_neighbors = 30;
  /// Also fit a weight for each category, drawn towards the common one, and keep them if they explain
  /// held-out fifths of the samples better.
  bool per_category = true;
  /// The model has not seen the samples in its training. If it may have, it is surer of them than of new
  /// pictures: temperatures then only ever lower its confidence.
  bool samples_are_new = true;
};

/// How the samples come off.
struct CategoryFitReport {
  CategoryFusion fusion;
  std::size_t num_used = 0;
  std::size_t num_unknown = 0;  ///< samples of a category that neither side knows; not used
  double model_accuracy = 0;
  double search_accuracy = 0;
  double fused_accuracy = 0;
  double calibration_error_before = 0;  ///< of the fused opinion, before its temperature
  double calibration_error_after = 0;
};

/// Fits lambda by the likelihood of the votes, the model's temperature by its own, alpha by that of the fused
/// opinion, and at last the temperature of the fused opinion, one after the other. Where no sample tells (no
/// model, no neighbours), the default stays. Cost: some 1000 votes a sample. kInvalidArgument without a
/// usable sample, and as CategoryPredictor::predict.
CategoryFitReport fit_category_fusion(std::span<const CategorySample> samples,
                                      std::span<const std::string> model_categories,
                                      std::span<const std::string> search_categories,
                                      const CategoryFitOptions& options = {});

}  // namespace vitrine
