// Putting the AF_XDP receiver together, and polling it.
#include "engine/receive/af_xdp_receiver.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {
namespace {

std::vector<std::uint32_t> numbers_from(std::uint32_t first, std::uint32_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

}  // namespace

Result<std::unique_ptr<AfXdpReceiver>> AfXdpReceiver::open(const AfXdpConfig& config) {
  PENSTOCK_CHECK(config.net_tiles > 0 && config.queues >= config.net_tiles);
  if (config.filter == Filter::kUserspace && config.attach_mode == AttachMode::kGeneric) {
    return fail(
        fmt::format(
            "run the userspace filter in generic XDP mode on {}: frames handed back to the host would "
            "enter the XDP program again and loop",
            config.interface),
        0, "use the kernel filter, or an interface whose driver has native XDP");
  }
  std::unique_ptr<AfXdpReceiver> receiver(new AfXdpReceiver);
  receiver->filter_ = config.filter;
  receiver->queues_ = config.all_queues();
  if (Status s = receiver->open_attachments(config); !s) return tl::unexpected(s.error());
  if (Status s = receiver->open_memory(config); !s) return tl::unexpected(s.error());
  if (Status s = receiver->open_groups(config); !s) return tl::unexpected(s.error());
  for (const auto& attachment : receiver->attachments_) {
    if (Status s = attachment->attach(); !s) return tl::unexpected(s.error());
  }
  return receiver;
}

Status AfXdpReceiver::open_attachments(const AfXdpConfig& config) {
  Result<PortList> ports = PortList::create(config.classifier.ports);
  if (!ports) return tl::unexpected(ports.error());
  engine_ports_ = kernel_ports_ = *ports;
  AttachmentConfig of_each{.filter = config.filter,
                           .interface = config.interface,
                           .classifier = config.classifier,
                           .host_policy = config.host_policy,
                           .scope = config.scope,
                           .port_map = config.port_map,
                           .loader = config.loader,
                           .mode = config.attach_mode,
                           .privileges = config.privileges};
  of_each.classifier.max_frame = usable_frame_bytes(config.frame_bytes);
  std::vector<std::string> names = {config.interface};
  for (const FurtherInterface& each : config.further)
    names.push_back(each.name);
  for (std::string& name : names) {
    of_each.interface = std::move(name);
    auto attachment = Attachment::open(of_each, kernel_ports_);
    if (!attachment) return tl::unexpected(attachment.error());
    attachments_.push_back(std::move(*attachment));
  }
  return {};
}

Status AfXdpReceiver::open_memory(const AfXdpConfig& config) {
  const std::uint32_t of_queues = queues_ * config.frames_of_queue();
  const std::uint32_t frames = config.frames();
  first_consumer_frame_ = frames - config.all_tiles() * config.consumer_frames;
  Result<Umem> umem = Umem::create(frames, config.frame_bytes, config.huge_pages);
  if (!umem) return tl::unexpected(umem.error());
  umem_ = std::make_unique<Umem>(std::move(*umem));
  memory_ = umem_->memory();

  auto companion = CompanionSocket::open(
      {.mode = config.companion, .max_payload = config.max_payload, .privileges = config.privileges}, memory_,
      numbers_from(of_queues, AfXdpConfig::kCompanionFrames), static_cast<std::uint8_t>(queues_), counters_);
  if (!companion) return tl::unexpected(companion.error());
  companion_ = std::move(*companion);
  return hold_added_ports(kernel_ports_, {});
}

Status AfXdpReceiver::open_groups(const AfXdpConfig& config) {
  for (std::uint32_t tile = 0; tile < config.net_tiles; ++tile) {
    const std::uint32_t first = config.queues * tile / config.net_tiles;
    const std::uint32_t behind = config.queues * (tile + 1) / config.net_tiles;
    const Share share{first, behind - first, tile == 0 ? LifeSign::kNone : LifeSign::kTold};
    if (Status s = open_group(config, *attachments_.front(), share); !s) return s;
  }
  for (std::size_t i = 0; i < config.further.size(); ++i) {
    const Share share{0, config.further[i].queues, LifeSign::kBeats};
    if (Status s = open_group(config, *attachments_[i + 1], share); !s) return s;
  }
  return {};
}

Status AfXdpReceiver::open_group(const AfXdpConfig& config, Attachment& attachment, const Share& share) {
  const Result<Classifier> classifier = attachment.classifier_for(engine_ports_);
  if (!classifier) return tl::unexpected(classifier.error());
  const auto tile = static_cast<std::uint32_t>(groups_.size());
  std::uint32_t queues_before = 0;  // of the tiles before it
  for (const auto& group : groups_)
    queues_before += group->queues();
  const std::uint32_t first_return_frame =
      first_consumer_frame_ - config.all_tiles() * config.return_frames();
  const QueueGroupConfig of_tile{
      .filter = config.filter,
      .life_sign = share.life_sign,
      .attach_mode = config.attach_mode,
      .socket = {.interface_index = attachment.interface_index(),
                 .interface = attachment.interface(),
                 .rx_entries = config.rx_entries,
                 .fill_entries = config.fill_entries(),
                 .mode = config.xsk_mode,
                 .busy_poll = config.busy_poll,
                 .privileges = config.privileges},
      .first_queue = share.first_queue,
      .queues = share.queues,
      .first_frame = queues_before * config.frames_of_queue(),
      .frames_of_queue = config.frames_of_queue(),
      .return_path = {.original_interface = attachment.interface_index(),
                      .first_frame = first_return_frame + tile * config.return_frames(),
                      .depth = config.return_depth,
                      .cpu = config.return_cpu,
                      .privileges = config.privileges},
      .consumer_frame = first_consumer_frame_ + tile * config.consumer_frames,
      .max_payload = config.max_payload};
  auto group = QueueGroup::open(of_tile, *classifier, engine_ports_.places(), *umem_, attachment.program());
  if (!group) return tl::unexpected(group.error());
  groups_.push_back(std::move(*group));
  attachment_of_.push_back(&attachment);
  return {};
}

AfXdpReceiver::~AfXdpReceiver() {
  detach();
}

void AfXdpReceiver::detach() {
  for (const auto& attachment : attachments_)
    attachment->detach();
}

void AfXdpReceiver::stop() {
  groups_.front()->stop();
}

CounterSnapshot AfXdpReceiver::snapshot() const {
  CounterSnapshot total = counters_.snapshot();
  for (const auto& attachment : attachments_)
    total += attachment->counters().snapshot();
  for (const auto& group : groups_)
    total += group->snapshot();
  return total;
}

std::vector<QueueLoad> AfXdpReceiver::queue_loads() const {
  std::vector<QueueLoad> all;
  for (const auto& group : groups_) {
    const std::vector<QueueLoad> loads = group->queue_loads();
    all.insert(all.end(), loads.begin(), loads.end());
  }
  return all;
}

std::span<const Frag> AfXdpReceiver::poll() {
  if (filter_ == Filter::kUserspace) attachments_.front()->beat(oldest_sign_of_life());
  if (change_ != Change::kNone && broken_) broken_ = advance_change();
  if (--polls_until_look_ == 0) {
    const std::span<const Frag> slow = companion_->poll();
    polls_until_look_ =
        slow.empty() ? kPollsBetweenLooks : 2;  // more may be there, after a turn of the rings
    if (!slow.empty()) return slow;
  }
  const std::span<const Frag> fast = groups_.front()->poll();
  if (!look_now_) return fast;
  if (!fast.empty()) {
    polls_until_look_ = 1;  // the next turn
    look_now_ = false;
    return fast;
  }
  const std::span<const Frag> slow = companion_->poll();
  look_now_ = !slow.empty();
  return slow;
}

void AfXdpReceiver::give_back(std::span<const Frag> frags) {
  const std::uint32_t companion_queue = queues();
  while (!frags.empty()) {
    const bool slow = frags.front().queue == companion_queue;
    const auto other = std::find_if(frags.begin(), frags.end(), [&](const Frag& frag) {
      return (frag.queue == companion_queue) != slow;
    });
    const auto run = frags.first(static_cast<std::size_t>(other - frags.begin()));
    slow ? companion_->give_back(run) : groups_.front()->give_back(run);
    frags = frags.subspan(run.size());
  }
}

Status AfXdpReceiver::wait(Nanoseconds timeout) {
  look_now_ = true;
  return groups_.front()->wait(timeout, companion_->wait_fd());
}

Status AfXdpReceiver::refresh_counters() {
  if (!broken_) return broken_;
  for (const auto& attachment : attachments_) {
    if (Status s = attachment->read_counts(); !s) return s;
  }
  if (Status s = companion_->read_drops(); !s) return s;
  return groups_.front()->refresh_counters();
}

Nanoseconds AfXdpReceiver::oldest_sign_of_life() const {
  Nanoseconds oldest = clock_.now();
  for (std::size_t tile = 1; tile < groups_.size(); ++tile)
    oldest = std::min(oldest, groups_[tile]->sign_of_life());
  return oldest;
}

Path AfXdpReceiver::path() const {
  return groups_.front()->path();
}

std::string AfXdpReceiver::mode() const {
  return groups_.front()->mode();
}

}  // namespace penstock
