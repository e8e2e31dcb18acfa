// SPDX-License-Identifier: MIT
#include <cmath>
#include <fstream>

#include "network/random_model.h"
#include "training/embedding_network.h"
#include "training/losses.h"
#include "training/torch_with_catch.h"
#include "training/trainer.h"
#include "training/training_setting.h"
#include "vitrine/embedder.h"
#include "vitrine/error.h"
#include "vitrine/training.h"

using namespace vitrine;

using Setting = test::TrainingSetting;
using test::code_of;

TEST_CASE("the network learns one batch by heart") {
  using namespace training;
  Setting setting;
  const auto file = network::SafetensorsFile::open(setting.options.init);
  EmbeddingNetwork network(64);
  load_weights(network, file);
  torch::manual_seed(1);
  const torch::Tensor input = torch::rand({8, 3, 32, 32}) * 2 - 1;
  const torch::Tensor labels = torch::arange(8, torch::kInt64);
  const torch::Tensor classes = torch::randn({8, 64}).requires_grad_();
  std::vector<torch::Tensor> parameters = network->block_parameters(14);
  parameters.push_back(network->projection_weight());
  parameters.push_back(classes);
  torch::optim::AdamW optimizer(parameters, torch::optim::AdamWOptions(1e-3));
  double first = 0;
  double last = 0;
  for (int step = 0; step < 250; ++step) {
    const torch::Tensor loss = cosine_margin_loss(network->forward(input), classes, labels, 0.15, 16);
    last = loss.item<double>();
    if (step == 0) first = last;
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  }
  CHECK(first > 1.5);
  CHECK(last < 0.1);
}

TEST_CASE("training writes a model that the embedder runs and that knows its categories") {
  const network::Backbone& backbone = GENERATE(true, false) ? network::mobilenet_v2() : network::googlenet();
  Setting setting(backbone);
  int num_epochs = 0;
  const TrainingReport report =
      train(setting.pictures, setting.options, {.on_epoch = [&](const EpochFigures& figures) {
              CHECK(std::isfinite(figures.loss));
              CHECK(figures.recall_shop >= 0);
              ++num_epochs;
            }});
  CHECK(num_epochs == 3);  // the initial model, then two epochs
  CHECK(report.categories == std::vector<std::string>{"bag", "shoe"});
  CHECK(report.category_head_accuracy > 0.7);
  const auto embedder = load_embedder(setting.options.output, {.precision = Precision::kFloat32});
  CHECK(embedder->info().categories == report.categories);
  CHECK(embedder->info().code_bits == 64);
  const Image picture = Image::read(setting.pictures[0].path);
  const Embedding embedding = embedder->embed(std::span(&picture, 1)).front();
  CHECK(embedding.category_probabilities.size() == 2);
  // The inference engine computes what LibTorch trained.
  training::EmbeddingNetwork network(64, backbone);
  training::load_weights(network, network::SafetensorsFile::open(setting.options.output));
  torch::NoGradGuard no_gradient;
  const Image small = resize(picture, 32, 32);
  const torch::Tensor expected = network->forward(training::to_input(std::span(&small, 1))).flatten();
  double cosine = 0;
  for (std::size_t i = 0; i < embedding.feature.size(); ++i) {
    cosine += embedding.feature[i] * expected[static_cast<std::int64_t>(i)].item<double>();
  }
  CHECK(cosine > 0.9999);
}

TEST_CASE("a batch normalisation beside the weights is folded") {
  using namespace training;
  const Setting setting(network::googlenet());
  const auto folded = network::SafetensorsFile::open(setting.options.init);
  // The same network as torchvision writes it: no biases, and a normalisation that makes them up.
  std::vector<network::NamedTensor> tensors;
  for (const network::ConvolutionSpec* spec : network::convolutions_of(network::googlenet().blocks)) {
    const auto shape = folded.tensors().at(spec->name + ".weight").shape;
    const std::vector<std::int64_t> channels = {spec->out_channels};
    const auto per_channel = [&](const std::string& name, float value) {
      tensors.push_back(network::float32_tensor(
          name, channels, std::vector<float>(static_cast<std::size_t>(spec->out_channels), value)));
    };
    std::vector<float> weights = folded.floats(spec->name + ".weight", shape);
    for (float& weight : weights) weight *= 4;
    tensors.push_back(network::float32_tensor(spec->name + ".weight", shape, weights));
    // gain / sqrt(variance + 1e-3) = 0.5 / sqrt(4) = 1 / 4, and the mean moves the shift by 1.5 / 4.
    per_channel(spec->normalization + ".weight", 0.5F);
    per_channel(spec->normalization + ".running_var", 3.999F);
    per_channel(spec->normalization + ".running_mean", 1.5F);
    std::vector<float> shifts = folded.floats(spec->name + ".bias", channels);
    for (float& shift : shifts) shift += 1.5F / 4;
    tensors.push_back(network::float32_tensor(spec->normalization + ".bias", channels, shifts));
  }
  const auto path = setting.folder.path() / "published.safetensors";
  network::write_safetensors(path, {{"architecture", "Inception V1 as published"}}, tensors);
  EmbeddingNetwork expected(64, network::googlenet());
  EmbeddingNetwork found(64, network::googlenet());
  CHECK_FALSE(load_weights(expected, folded));
  const auto published = network::SafetensorsFile::open(path);
  CHECK(&network::backbone_of(published) == &network::googlenet());
  CHECK_FALSE(load_weights(found, published));
  torch::NoGradGuard no_gradient;
  torch::manual_seed(1);
  const torch::Tensor input = torch::rand({2, 3, 64, 64}) * 2 - 1;
  const auto averages = [&](EmbeddingNetwork& network) {
    return network->average(network->forward_blocks(input, 0, network->num_blocks()));
  };
  CHECK(torch::allclose(averages(expected), averages(found), 1e-3, 1e-3));
}

TEST_CASE("weights that do not fit the options are refused before pictures are read") {
  Setting setting(network::googlenet());
  const std::string backbone = setting.options.init.string();
  setting.pictures.clear();
  SECTION("fewer blocks") {
    setting.options.frozen_blocks = 13;
    CHECK_THROWS_WITH(train(setting.pictures, setting.options),
                      Catch::Contains(backbone) && Catch::Contains("has 12 blocks"));
  }
  SECTION("fewer features") {
    setting.options.feature_dim = 1088;
    CHECK_THROWS_WITH(train(setting.pictures, setting.options),
                      Catch::Contains(backbone) && Catch::Contains("1024 things"));
  }
  SECTION("nothing that detection could start from") {
    setting.options.detector = DetectorKind::kCrop;
    CHECK_THROWS_WITH(train(setting.pictures, setting.options),
                      Catch::Contains(backbone) && Catch::Contains("leave the detector out"));
  }
  SECTION("weights of something else") {
    const std::vector<network::NamedTensor> tensors = {
        network::float32_tensor("layer1", {1}, std::vector<float>{1.0F})};
    network::write_safetensors(setting.options.init, {}, tensors);
    CHECK_THROWS_WITH(train(setting.pictures, setting.options),
                      Catch::Contains(backbone) && Catch::Contains("'mobilenet_v2' nor 'googlenet'"));
  }
}

TEST_CASE("an interrupted run resumed gives the figures of an uninterrupted one") {
  Setting whole;
  whole.options.epochs = 3;
  const TrainingReport expected = train(whole.pictures, whole.options);

  Setting parts;
  parts.options.epochs = 3;
  int polls = 0;
  const TrainingReport first = train(parts.pictures, parts.options,
                                     {.should_stop = [&] { return ++polls > 3; }});  // in the second epoch
  CHECK(first.interrupted);
  parts.options.resume = true;
  const TrainingReport second = train(parts.pictures, parts.options);
  REQUIRE(second.epochs.size() == expected.epochs.size());
  CHECK(second.epochs.back().loss == Approx(expected.epochs.back().loss).epsilon(1e-4));
}

TEST_CASE("a checkpoint of other options is refused, naming both") {
  Setting setting;
  train(setting.pictures, setting.options);
  setting.options.resume = true;
  setting.options.learning_rate = 1e-5;
  CHECK_THROWS_WITH(train(setting.pictures, setting.options),
                    Catch::Contains("rate=0.0003") && Catch::Contains("rate=1e-05"));
}

TEST_CASE("the share of the initial model is kept in the weights") {
  Setting setting;
  setting.options.epochs = 1;
  setting.options.initial_share = 1;
  const TrainingReport report = train(setting.pictures, setting.options);
  CHECK(report.epochs[1].recall_shop == report.epochs[0].recall_shop);
}

TEST_CASE("what cannot be trained is refused with the reason") {
  Setting setting;
  const auto fails = [&](const char* part) {
    CHECK_THROWS_WITH(train(setting.pictures, setting.options), Catch::Contains(part));
  };
  SECTION("no pictures") {
    setting.pictures.clear();
    fails("0 training pictures");
  }
  SECTION("unreadable pictures only") {
    for (auto& picture : setting.pictures) picture.path += ".gone";
    fails("0 training pictures");
  }
  SECTION("nothing labelled") {
    for (auto& picture : setting.pictures) picture.product = picture.category = "";
    fails("nothing to learn");
  }
  SECTION("input not a multiple of 32") {
    setting.options.input_px = 100;
    fails("multiple of 32");
  }
  SECTION("learning rate not a number") {
    setting.options.learning_rate = std::nan("");
    fails("learning_rate");
  }
  SECTION("missing backbone") {
    setting.options.init = "/nonexistent/backbone.safetensors";
    CHECK(code_of([&] { train(setting.pictures, setting.options); }) == ErrorCode::kNotFound);
  }
  SECTION("backbone of wrong shapes") {
    test::ModelParts model = test::random_model();
    model.tensor("features.0.0.weight").shape = {32, 3, 9, 1};
    model.write(setting.options.init);
    CHECK(code_of([&] { train(setting.pictures, setting.options); }) == ErrorCode::kCorrupt);
  }
  SECTION("truncated checkpoint") {
    std::ofstream(setting.options.checkpoint) << "short";
    setting.options.resume = true;
    CHECK(code_of([&] { train(setting.pictures, setting.options); }) == ErrorCode::kCorrupt);
  }
}

TEST_CASE("one bad picture never ends a run") {
  Setting setting;
  std::ofstream(setting.pictures[2].path) << "not a picture";
  const TrainingReport report = train(setting.pictures, setting.options);
  REQUIRE(report.failures.size() == 1);
  CHECK(report.failures[0].path == setting.pictures[2].path);
}

TEST_CASE("labels come from the manifest's columns") {
  IngestEntry entry{{"mug", "1"}, "mug.jpg", "kitchen", R"({"split": "val", "role": "shop"})", {}};
  const TrainingPicture picture = training_pictures({entry}).front();
  CHECK(picture.product == "mug");
  CHECK(picture.split == Split::kValidation);
  CHECK(picture.shop_picture);
  entry.attributes_json = R"({"split": "dev"})";
  CHECK_THROWS_WITH(training_pictures({entry}), Catch::Contains("mug.jpg") && Catch::Contains("'dev'"));
}

TEST_CASE("early stop writes the best epoch's weights, also after a resumption") {
  Setting setting;
  setting.options.epochs = 6;
  setting.options.patience = 2;
  // A rate that destroys what the random backbone can do: the initial model stays the best one.
  setting.options.learning_rate = 0.5;
  setting.options.retention_weight = 0;
  for (auto& picture : setting.pictures) picture.shop_picture = false;
  const TrainingReport report = train(setting.pictures, setting.options);
  REQUIRE(report.epochs.size() < 7);
  CHECK(report.epochs.back().epoch == report.best_epoch + 2);

  training::EmbeddingNetwork best(64);
  training::load_weights(best, network::SafetensorsFile::open(setting.options.output));
  Setting again;
  again.options = setting.options;
  again.options.output = setting.folder.path() / "again.safetensors";
  again.options.resume = true;
  const TrainingReport resumed = train(setting.pictures, again.options);
  CHECK(resumed.best_epoch == report.best_epoch);
  training::EmbeddingNetwork second(64);
  training::load_weights(second, network::SafetensorsFile::open(again.options.output));
  CHECK(torch::allclose(best->projection_weight(), second->projection_weight(), 1e-2, 1e-3));
}
