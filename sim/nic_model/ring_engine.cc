// Putting it together, in the order of AfXdpReceiver::open().
#include "sim/nic_model/ring_engine.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/base/check.h"

namespace penstock {

int RingEngine::Stack::write(std::span<const std::byte> frame) {
  host_(frame);
  return 0;
}

Result<std::unique_ptr<RingEngine>> RingEngine::open(const RingEngineConfig& config, NicModel::Host passed,
                                                     NicModel::Host returned) {
  PENSTOCK_CHECK(config.sockets <= config.nic.queues && config.fill_frames <= 2 * config.rx_entries);
  ClassifierConfig policy = config.classifier;
  policy.max_frame = usable_frame_bytes(kDefaultFrameBytes);
  const Result<Classifier> classifier = Classifier::create(policy);
  if (!classifier) return tl::unexpected(classifier.error());
  const std::uint32_t fill_frames =
      config.fill_frames != 0 ? config.fill_frames : default_fill_frames(config.rx_entries, false);
  const std::uint32_t sockets = config.sockets != 0 ? config.sockets : config.nic.queues;
  const std::uint32_t depth = config.filter == Filter::kUserspace ? config.return_depth : 0;
  Result<Umem> umem = Umem::create(sockets * fill_frames + depth);
  if (!umem) return tl::unexpected(umem.error());

  std::unique_ptr<RingEngine> engine(new RingEngine(std::move(*umem), std::move(returned)));
  engine->kernel_ = std::make_unique<FakeKernel>(engine->memory());
  engine->program_ = std::make_unique<ModelProgram>(config.filter, *classifier);
  engine->program_->set_scope(config.scope);
  engine->nic_ =
      std::make_unique<NicModel>(config.nic, *engine->kernel_, *engine->program_, std::move(passed));

  std::vector<XskReceive::Queue> queues;
  for (std::uint32_t number = 0; number < sockets; ++number)
    queues.push_back(engine->open_queue(config, number, fill_frames));
  if (depth != 0) engine->open_return_path(depth, sockets * fill_frames);
  engine->receive_ = std::make_unique<XskReceive>(
      XskReceive::Config{.filter = config.filter,
                         .return_link = engine->link_ ? &*engine->link_ : nullptr,
                         .max_payload = config.max_payload},
      *classifier, engine->memory(), std::move(queues), *engine->nic_, engine->counters_);

  Result<FrameBook> book =
      FrameBook::open(engine->memory(), engine->rings_,
                      engine->lines_ ? engine->lines_->lines() : std::span<const McacheLine>{});
  if (!book) return fail("open the book of frames", book.error());
  engine->book_ = std::make_unique<FrameBook>(std::move(*book));
  return engine;
}

XskReceive::Queue RingEngine::open_queue(const RingEngineConfig& config, std::uint32_t number,
                                         std::uint32_t fill_frames) {
  const FakeKernel::Socket socket = kernel_->add_queue({.rx_entries = config.rx_entries,
                                                        .fill_entries = 2 * config.rx_entries,
                                                        .first_index = config.first_index});
  XskReceive::Queue queue{socket.fd, FillRing(socket.fill), RxRing(socket.rx)};
  for (std::uint32_t i = 0; i < fill_frames; ++i)
    queue.fill.push(memory().address_of(number * fill_frames + i));
  queue.fill.submit();
  PENSTOCK_CHECK(nic_->bind(number) == 0);
  program_->set_socket(number, socket.fd);
  rings_.push_back({socket.fill, socket.rx});
  sockets_.push_back(socket.fd);
  return queue;
}

void RingEngine::open_return_path(std::uint32_t depth, std::uint32_t first_frame) {
  lines_.emplace(depth);
  link_.emplace(lines_->lines(), [first_frame](std::uint64_t i) {
    Frag frag;
    frag.frame = first_frame + static_cast<std::uint32_t>(i);
    return frag;
  });
  tile_.emplace(lines_->lines(), memory(), stack_, program_->return_clock());
}

std::uint32_t RingEngine::in_rx_rings() const {
  return std::accumulate(rings_.begin(), rings_.end(), 0u,
                         [](std::uint32_t sum, const FrameBook::Queue& queue) {
                           return sum + (*queue.rx.producer - *queue.rx.consumer);
                         });
}

std::uint32_t RingEngine::frames_taken() const {
  return std::accumulate(
      rings_.begin(), rings_.end(), 0u,
      [](std::uint32_t sum, const FrameBook::Queue& queue) { return sum + *queue.rx.consumer; });
}

CounterSnapshot RingEngine::counters_on_the_way() {
  program_->read_counts(counters_);
  CounterSnapshot now = counters_.snapshot();
  xdp_statistics total{};
  for (const int fd : sockets_) {
    xdp_statistics one{};
    kernel_->statistics(fd, one);
    total.rx_ring_full += one.rx_ring_full;
    total.rx_dropped += one.rx_dropped;
  }
  now.slots[counter_slot(Counter::kRxRingFull)] = total.rx_ring_full;
  now.slots[counter_slot(Counter::kRxDropped)] = total.rx_dropped;
  return now;
}

CounterSnapshot RingEngine::snapshot() {
  const Status read = receive_->read_statistics();
  PENSTOCK_CHECK(read.has_value());  // the model always answers
  program_->read_counts(counters_);
  CounterSnapshot total = counters_.snapshot();
  if (tile_) total += tile_->counters().snapshot();
  return total;
}

}  // namespace penstock
