// Putting the AF_XDP receiver together, and changing it while it runs.
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

// Half of what the dead-man's switch allows.
constexpr Nanoseconds kLongestWait = 50 * kMillisecond;
// The fill ring holds all frames of its queue, so giving one back never fails.
std::vector<std::uint32_t> numbers_from(std::uint32_t first, std::uint32_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

}  // namespace

Result<std::unique_ptr<AfXdpReceiver>> AfXdpReceiver::open(const AfXdpConfig& config) {
  PENSTOCK_CHECK(config.queues > 0);
  PENSTOCK_CHECK(config.frames_of_queue() <= config.fill_entries());
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
  receiver->attach_mode_ = config.attach_mode;
  if (Status s = receiver->open_policy(config, interface_index); !s) return tl::unexpected(s.error());
  if (Status s = receiver->open_memory(config); !s) return tl::unexpected(s.error());
  if (Status s = receiver->open_return_path(config, interface_index); !s) return tl::unexpected(s.error());
  if (Status s = receiver->open_sockets(config, interface_index); !s) return tl::unexpected(s.error());

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
  first_consumer_frame_ = frames - config.consumer_frames;
  Result<Umem> umem = Umem::create(frames, config.frame_bytes);
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

Status AfXdpReceiver::open_return_path(const AfXdpConfig& config, unsigned interface_index) {
  if (config.filter == Filter::kKernel) return {};
  auto path = ReturnPath::start({.original_interface = interface_index,
                                 .first_frame = first_consumer_frame_ - config.return_frames(),
                                 .depth = config.return_depth,
                                 .cpu = config.return_cpu},
                                memory_, program_->return_clock());
  if (!path) return tl::unexpected(path.error());
  return_path_ = std::move(*path);
  return {};
}

Status AfXdpReceiver::open_sockets(const AfXdpConfig& config, unsigned interface_index) {
  std::vector<XskReceive::Queue> queues;
  for (std::uint32_t number = 0; number < config.queues; ++number) {
    const XskConfig xsk{.interface_index = interface_index,
                        .interface = config.interface,
                        .queue = number,
                        .rx_entries = config.rx_entries,
                        .fill_entries = config.fill_entries(),
                        .mode = config.xsk_mode};
    const auto frames = numbers_from(number * config.frames_of_queue(), config.frames_of_queue());
    Result<XskSocket> socket = XskSocket::open(xsk, *umem_, frames);
    if (!socket) return tl::unexpected(socket.error());
    if (Status s = program_->set_socket(number, socket->fd()); !s) return s;
    queues.push_back({socket->fd(), FillRing(socket->fill_memory()), RxRing(socket->rx_memory())});
    sockets_.push_back(std::move(*socket));
  }
  Result<Classifier> classifier = classifier_for(engine_ports_);
  if (!classifier) return tl::unexpected(classifier.error());
  receive_ = std::make_unique<XskReceive>(
      XskReceive::Config{.filter = config.filter,
                         .return_link = return_path_ ? &return_path_->link() : nullptr,
                         .max_payload = config.max_payload},
      std::move(*classifier), memory_, std::move(queues), system_, counters_);
  return {};
}

AfXdpReceiver::~AfXdpReceiver() {
  detach();
}

void AfXdpReceiver::detach() {
  if (program_) program_->detach();
}

void AfXdpReceiver::stop() {
  if (return_path_) return_path_->stop();
}

CounterSnapshot AfXdpReceiver::snapshot() const {
  CounterSnapshot total = counters_.snapshot();
  if (return_path_) total += return_path_->snapshot();
  return total;
}

std::span<const Frag> AfXdpReceiver::poll() {
  if (filter_ == Filter::kUserspace) net_clock_.beat(clock_.now());
  if (removing_ && receive_->passed_mark()) finish_removal();
  if (--polls_until_look_ == 0) {
    const std::span<const Frag> slow = companion_->poll();
    polls_until_look_ =
        slow.empty() ? kPollsBetweenLooks : 2;  // more may be there, after a turn of the rings
    if (!slow.empty()) return slow;
  }
  const std::span<const Frag> fast = receive_->poll();
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
    slow ? companion_->give_back(run) : receive_->give_back(run);
    frags = frags.subspan(run.size());
  }
}

Status AfXdpReceiver::wait(Nanoseconds timeout) {
  look_now_ = true;
  const Nanoseconds longest = filter_ == Filter::kUserspace ? std::min(timeout, kLongestWait) : timeout;
  return receive_->wait(longest, companion_->wait_fd());
}

Status AfXdpReceiver::refresh_counters() {
  if (Status s = program_->read_counts(counters_); !s) return s;
  if (Status s = companion_->read_drops(); !s) return s;
  return receive_->read_statistics();
}

Result<Classifier> AfXdpReceiver::classifier_for(const PortList& ports) const {
  ClassifierConfig config = policy_;
  config.ports = ports.ports();
  return Classifier::create(config);
}

Status AfXdpReceiver::apply() {
  Result<Classifier> engine = classifier_for(engine_ports_);
  if (!engine) return tl::unexpected(engine.error());
  const Result<Classifier> kernel = classifier_for(kernel_ports_);
  if (!kernel) return tl::unexpected(kernel.error());
  receive_->set_classifier(std::move(*engine), engine_ports_.places());
  return program_->set_policy(*kernel);
}

Status AfXdpReceiver::set_ports(std::span<const std::uint16_t> ports) {
  if (removing_) finish_removal();
  if (const Result<PortList> valid = PortList::create(ports); !valid) return tl::unexpected(valid.error());
  PortList joint = engine_ports_;
  for (const std::uint16_t port : ports) {
    if (joint.contains(port)) continue;
    if (Status s = joint.add(port); !s) return s;
  }
  if (Status s = hold_added_ports(joint); !s) return s;
  engine_ports_ = joint;
  kernel_ports_ = joint;
  for (const std::uint16_t port : joint.ports()) {
    if (std::find(ports.begin(), ports.end(), port) == ports.end()) kernel_ports_.remove(port);
  }
  if (Status s = apply(); !s) return s;
  // Behind the kernel's update, so that all that it redirected before lies before the mark.
  receive_->mark();
  removing_ = true;
  return {};
}

Status AfXdpReceiver::hold_added_ports(const PortList& wanted) {
  std::vector<std::uint8_t> added;
  for (const std::uint16_t port : wanted.ports()) {
    const std::uint8_t place = *wanted.place_of(port);
    if (companion_->port_at(place) == port) continue;
    if (Status s = companion_->add_port(port, place); !s) {
      for (const std::uint8_t undone : added)
        companion_->remove_port(undone);
      return s;
    }
    added.push_back(place);
  }
  return {};
}

void AfXdpReceiver::finish_removal() {
  removing_ = false;
  for (const std::uint16_t port : engine_ports_.ports()) {
    if (!kernel_ports_.contains(port)) companion_->remove_port(*engine_ports_.place_of(port));
  }
  engine_ports_ = kernel_ports_;
  Result<Classifier> engine = classifier_for(engine_ports_);
  PENSTOCK_CHECK(engine.has_value());  // the kernel has been given the same
  receive_->set_classifier(std::move(*engine), engine_ports_.places());
}

Result<bool> AfXdpReceiver::refresh_policy(Nanoseconds now) {
  if (!host_) return false;
  Result<bool> changed = host_->poll(now);
  if (!changed || !*changed) return changed;
  take_policy_of_host();
  if (Status s = apply(); !s) return tl::unexpected(s.error());
  return true;
}

Path AfXdpReceiver::path() const {
  return filter_ == Filter::kKernel ? Path::kKernelFilter : Path::kUserspaceFilter;
}

std::string AfXdpReceiver::mode() const {
  const bool zero_copy = sockets_.front().mode() == XskMode::kZeroCopy;
  return fmt::format("{} {}", to_string(attach_mode_), zero_copy ? "zero-copy" : "copy");
}

}  // namespace penstock
