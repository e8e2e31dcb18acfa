// SPDX-License-Identifier: MIT
#include "training/stages.h"

#include <optional>

#include "training/checkpoint.h"
#include "training/detection_stage.h"
#include "training/initial_network.h"
#include "training/run.h"

namespace vitrine::training {

TrainingReport run_stages(PicturePool& pool, const TripletPool* triplets, const TrainingOptions& options,
                          torch::Device device, const TrainingCallbacks& callbacks) {
  const std::optional<Checkpoint> resumed = state_to_resume(options, digest(options, pool, triplets));
  EmbeddingNetwork initial = initial_network(pool, options, device, callbacks);
  DetectorNetwork detector = nullptr;
  DetectorFigures figures;
  if (options.detector != DetectorKind::kNone) {
    detector = prepare_detector({pool, triplets, initial}, options, callbacks, resumed ? &*resumed : nullptr,
                                figures);
    if (!detector) {
      TrainingReport report;
      report.interrupted = true;
      return report;
    }
    find_boxes(detector, pool, options, callbacks, figures);
  }
  TrainingReport report = Run(pool, triplets, initial, detector, options, callbacks).run(resumed);
  if (detector && !resumed) {
    // Joint epochs tell where boxes are now, not how they were taught before.
    if (!report.detector) report.detector = figures;
    report.detector->taught_overlap = figures.taught_overlap;
    report.detector->click_gain = figures.click_gain;
  }
  if (triplets != nullptr) report.triplets = triplets->figures;
  report.failures = pool.failures;
  return report;
}

}  // namespace vitrine::training
