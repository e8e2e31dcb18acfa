// SPDX-License-Identifier: MIT
#include "vitrine/embed_pictures.h"

#include <utility>

#include "engine/picture_pipeline.h"
#include "engine/picture_run.h"

namespace vitrine {

bool embed_pictures(const Embedder& embedder, std::span<const std::string> paths,
                    const std::function<void(const EmbeddedPicture&)>& on_picture,
                    const EmbedPicturesOptions& options) {
  engine::ProgressMeter progress(options.on_progress, paths.size(), 0);
  std::uint64_t num_failed = 0;
  const engine::PictureRun run{
      embedder, paths, options.max_pixels, options.num_threads, options.box_px, options.should_stop};
  const bool finished = engine::run_pictures(run, [&](std::size_t index, engine::TaskPicture& picture) {
    on_picture({index, std::move(picture.failure), picture.width_px, picture.height_px,
                std::move(picture.embedding)});
    num_failed += picture.state == engine::TaskPicture::State::kEmbedded ? 0 : 1;
    progress.update(index + 1, num_failed);
  });
  progress.report();
  return finished;
}

}  // namespace vitrine
