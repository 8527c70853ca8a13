// Putting the AF_XDP receiver together, and polling it.
#include "engine/receive/af_xdp_receiver.h"

#include <errno.h>
#include <net/if.h>

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
  const unsigned interface_index = if_nametoindex(config.interface.c_str());
  if (interface_index == 0)
    return fail("find interface " + config.interface, errno, "`ip link` lists what there is");

  std::unique_ptr<AfXdpReceiver> receiver(new AfXdpReceiver);
  receiver->filter_ = config.filter;
  receiver->queues_ = config.queues;
  if (Status s = receiver->open_policy(config, interface_index); !s) return tl::unexpected(s.error());
  if (Status s = receiver->open_memory(config); !s) return tl::unexpected(s.error());
  if (Status s = receiver->open_groups(config, interface_index); !s) return tl::unexpected(s.error());

  receiver->program_->set_scope(config.scope);
  receiver->net_clock_ = receiver->program_->net_clock();
  receiver->net_clock_.beat(receiver->clock_.now());
  if (Status s =
          receiver->program_->attach(config.filter, config.interface, interface_index, config.attach_mode);
      !s)
    return tl::unexpected(s.error());
  return receiver;
}

Status AfXdpReceiver::open_policy(const AfXdpConfig& config, unsigned interface_index) {
  policy_ = config.classifier;
  policy_.max_frame = usable_frame_bytes(config.frame_bytes);
  if (config.host_policy == HostPolicy::kFollowed) {
    Result<LocalPolicyWatch> host = LocalPolicyWatch::open(interface_index, policy_.ipv6);
    if (!host) return tl::unexpected(host.error());
    host_.emplace(std::move(*host));
    take_policy_of_host();
  }
  Result<PortList> ports = PortList::create(policy_.ports);
  if (!ports) return tl::unexpected(ports.error());
  engine_ports_ = kernel_ports_ = *ports;

  const Result<Classifier> classifier = classifier_for(kernel_ports_);
  if (!classifier) return tl::unexpected(classifier.error());
  Result<ReceiverProgram> program = ReceiverProgram::load(*classifier, config.port_map, config.loader);
  if (!program) return tl::unexpected(program.error());
  program_ = std::make_unique<ReceiverProgram>(std::move(*program));
  return {};
}

void AfXdpReceiver::take_policy_of_host() {
  policy_.mac = host_->current().mac;
  policy_.addresses = host_->current().addresses;
  policy_.ipv6_addresses = host_->current().ipv6_addresses;
}

Status AfXdpReceiver::open_memory(const AfXdpConfig& config) {
  const std::uint32_t of_queues = config.queues * config.frames_of_queue();
  const std::uint32_t frames = config.frames();
  first_consumer_frame_ = frames - config.net_tiles * config.consumer_frames;
  Result<Umem> umem = Umem::create(frames, config.frame_bytes, config.huge_pages);
  if (!umem) return tl::unexpected(umem.error());
  umem_ = std::make_unique<Umem>(std::move(*umem));
  memory_ = umem_->memory();

  auto companion = CompanionSocket::open({.mode = config.companion, .max_payload = config.max_payload},
                                         memory_, numbers_from(of_queues, AfXdpConfig::kCompanionFrames),
                                         static_cast<std::uint8_t>(config.queues), counters_);
  if (!companion) return tl::unexpected(companion.error());
  companion_ = std::move(*companion);
  return hold_added_ports(kernel_ports_);
}

Status AfXdpReceiver::open_groups(const AfXdpConfig& config, unsigned interface_index) {
  const Result<Classifier> classifier = classifier_for(engine_ports_);
  if (!classifier) return tl::unexpected(classifier.error());
  const std::uint32_t first_return_frame = first_consumer_frame_ - config.net_tiles * config.return_frames();
  for (std::uint32_t tile = 0; tile < config.net_tiles; ++tile) {
    const std::uint32_t first = config.queues * tile / config.net_tiles;
    const std::uint32_t behind = config.queues * (tile + 1) / config.net_tiles;
    const QueueGroupConfig of_tile{
        .filter = config.filter,
        .attach_mode = config.attach_mode,
        .socket = {.interface_index = interface_index,
                   .interface = config.interface,
                   .rx_entries = config.rx_entries,
                   .fill_entries = config.fill_entries(),
                   .mode = config.xsk_mode,
                   .busy_poll = config.busy_poll},
        .first_queue = first,
        .queues = behind - first,
        .first_frame = first * config.frames_of_queue(),
        .frames_of_queue = config.frames_of_queue(),
        .return_path = {.original_interface = interface_index,
                        .first_frame = first_return_frame + tile * config.return_frames(),
                        .depth = config.return_depth,
                        .cpu = config.return_cpu},
        .consumer_frame = first_consumer_frame_ + tile * config.consumer_frames,
        .max_payload = config.max_payload};
    auto group = QueueGroup::open(of_tile, *classifier, engine_ports_.places(), *umem_, *program_);
    if (!group) return tl::unexpected(group.error());
    groups_.push_back(std::move(*group));
  }
  return {};
}

AfXdpReceiver::~AfXdpReceiver() {
  detach();
}

void AfXdpReceiver::detach() {
  if (program_) program_->detach();
}

void AfXdpReceiver::stop() {
  groups_.front()->stop();
}

CounterSnapshot AfXdpReceiver::snapshot() const {
  CounterSnapshot total = counters_.snapshot();
  for (const auto& group : groups_)
    total += group->snapshot();
  return total;
}

std::span<const Frag> AfXdpReceiver::poll() {
  if (filter_ == Filter::kUserspace) net_clock_.beat(oldest_sign_of_life());
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
  if (Status s = program_->read_counts(counters_); !s) return s;
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
