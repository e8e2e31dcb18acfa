// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <thread>

#include "training/device.h"
#include "training/initial_network.h"
#include "training/stages.h"
#include "vitrine/error.h"
#include "vitrine/training.h"
#include "vitrine/triplet_set.h"

namespace vitrine {
namespace {

using namespace training;

// Pictures are kept a little larger than the network's input, so that crops still have detail.
constexpr double kPoolScale = 1.25;
// A box that is cut out takes a part of the picture only.
constexpr double kPoolScaleForCrops = 1.6;

void say(const TrainingCallbacks& callbacks, const std::string& message) {
  if (callbacks.on_message) callbacks.on_message(message);
}

void require_training_pictures(const PicturePool& pool) {
  const auto num_training =
      std::count_if(pool.pictures.begin(), pool.pictures.end(),
                    [](const PooledPicture& picture) { return picture.split == Split::kTrain; });
  if (num_training < 2) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot train: " + std::to_string(num_training) +
                    " training pictures could be read, at least 2 are needed; check the paths in the list");
  }
}

void require_labels(const PicturePool& pool) {
  if (pool.products.empty() && pool.categories.empty()) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "cannot train: no product has two training pictures and no picture has a category, so there is "
        "nothing to learn; add labels to the list");
  }
}

void require_triplets(const TripletFigures& figures, const TrainingCallbacks& callbacks) {
  if (figures.num_training_queries == 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot train: no triplet to learn from is left: " + std::to_string(figures.num_missing) +
                    " name pictures that cannot be read, those of " +
                    std::to_string(figures.num_validation_queries) +
                    " photos are held out for validation; check the paths, or hold out less");
  }
  if (figures.num_products == 1) {
    say(callbacks,
        "all clicks are on one product: the model will learn to tell that one from the others, nothing else");
  }
}

unsigned num_threads(const TrainingOptions& options) {
  return options.num_threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : options.num_threads;
}

PicturePool read_pictures(const std::vector<TrainingPicture>& pictures, const TrainingOptions& options,
                          const TrainingCallbacks& callbacks) {
  say(callbacks, "reading " + std::to_string(pictures.size()) + " pictures");
  const bool detects = options.detector != DetectorKind::kNone;
  const int side_px = static_cast<int>(std::max(options.input_px, options.inference_px) *
                                       (detects ? kPoolScaleForCrops : kPoolScale));
  PicturePool pool = load_pictures(pictures, side_px, num_threads(options));
  pool.margin = options.crop_margin;
  pool.center_view = options.center_view;
  require_training_pictures(pool);
  return pool;
}

template <typename Work>
TrainingReport with_torch(const TrainingOptions& options, const TrainingCallbacks& callbacks,
                          const Work& work) {
  options.validate();
  check_init(options);
  const torch::Device device = find_device(options.device);
  if (device.is_cuda()) say(callbacks, "computing on the GPU");
  try {
    at::set_num_threads(static_cast<int>(num_threads(options)));
    return work(device);
  } catch (const c10::OutOfMemoryError& error) {
    throw Error(ErrorCode::kResource,
                "training ran out of the GPU's memory; take a smaller batch_size or input_px, or the "
                "processor: " +
                    std::string(error.what_without_backtrace()));
  } catch (const c10::Error& error) {
    throw Error(ErrorCode::kInternal,
                "training failed inside LibTorch: " + std::string(error.what_without_backtrace()));
  }
}

}  // namespace

TrainingReport train(const std::vector<TrainingPicture>& pictures, const TrainingOptions& options,
                     const TrainingCallbacks& callbacks) {
  return with_torch(options, callbacks, [&](torch::Device device) {
    PicturePool pool = read_pictures(pictures, options, callbacks);
    require_labels(pool);
    return run_stages(pool, nullptr, options, device, callbacks);
  });
}

TrainingReport train(const TripletSet& set, const TrainingOptions& options,
                     const TrainingCallbacks& callbacks) {
  return with_torch(options, callbacks, [&](torch::Device device) {
    PicturePool pool = read_pictures(set.pictures, options, callbacks);
    const TripletPool triplets = pool_triplets(set, pool);
    require_triplets(triplets.figures, callbacks);
    // What a product is, is told by triplets alone.
    pool.products.clear();
    for (PooledPicture& picture : pool.pictures) picture.product_index = -1;
    return run_stages(pool, &triplets, options, device, callbacks);
  });
}

}  // namespace vitrine
