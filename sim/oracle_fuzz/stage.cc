// Setting up, and the lockstep.
#include "sim/oracle_fuzz/stage.h"

#include <sched.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "engine/base/wait.h"
#include "sim/oracle_fuzz/marks.h"
#include "sim/topology/iproute.h"
#include "sim/topology/subprocess.h"

namespace penstock {
namespace {

constexpr Ipv4Address kOnLoopback{{10, 9, 8, 7}};
constexpr const char* kIpv6OnInterface = "2001:db8::2";
constexpr const char* kIpv6OnLoopback = "2001:db8:1::7";

// Far below a veth's ring of 256, and what a socket's buffer holds of the longest frames.
constexpr std::size_t kChunk = 64;
constexpr const char* kFragmentMemory = "268435456";
constexpr Nanoseconds kMarkTimeout = 10 * kSecond;
constexpr Nanoseconds kForgetTimeout = 20 * kSecond;
constexpr int kAttempts = 5;

// Keeps the calling thread on the CPU that it is on. Without NAPI a veth's frames wait in a queue of the
// sending CPU; sent from two, a mark could be dealt with before a frame.
class OnOneCpu {
 public:
  OnOneCpu() {
    sched_getaffinity(0, sizeof(before_), &before_);
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<unsigned>(sched_getcpu()), &here);
    sched_setaffinity(0, sizeof(here), &here);
  }
  OnOneCpu(const OnOneCpu&) = delete;
  ~OnOneCpu() { sched_setaffinity(0, sizeof(before_), &before_); }

 private:
  cpu_set_t before_{};
};

// The kernel makes an IPv6 address its own from a work queue; until then it drops what comes for it.
Status wait_until_local(const NetNamespace& ns, const std::string& address) {
  const MonotonicClock clock;
  const Nanoseconds deadline = clock.now() + kMarkTimeout;
  while (clock.now() < deadline) {
    const Result<std::string> route =
        check_program({.arguments = {"ip", "-6", "route", "get", address}, .network_namespace = ns.fd()});
    if (!route) return tl::unexpected(route.error());
    if (route->starts_with("local ")) return {};
    sleep_for(5 * kMillisecond);
  }
  return fail("wait until " + address + " is local");
}

Status speak_ipv6(const VethTopology::End& receiver, const MacAddress& peer) {
  const std::string own = "ipv6/conf/" + receiver.interface + "/";
  for (const auto& [name, value] : {std::pair{"accept_ra", "0"},
                                    {"router_solicitations", "0"},
                                    {"accept_dad", "0"},
                                    {"addr_gen_mode", "1"},
                                    {"disable_ipv6", "0"}}) {
    if (Status set = receiver.ns.set_sysctl(own + name, value); !set) return set;
  }
  if (Status set = receiver.ns.set_sysctl("ipv6/conf/lo/disable_ipv6", "0"); !set) return set;
  Status added = ip_batch(
      receiver.ns, {fmt::format("address add {}/64 dev {} nodad", kIpv6OnInterface, receiver.interface),
                    fmt::format("address add {}/128 dev lo nodad", kIpv6OnLoopback),
                    fmt::format("neighbour replace 2001:db8::1 lladdr {} dev {} nud permanent",
                                peer.to_string(), receiver.interface),
                    fmt::format("route add ::/0 via 2001:db8::1 dev {}", receiver.interface)});
  if (!added) return added;
  for (const char* address : {kIpv6OnInterface, kIpv6OnLoopback}) {
    if (Status local = wait_until_local(receiver.ns, address); !local) return local;
  }
  return {};
}

VethConfig veth_config(Offloads sender_offloads) {
  VethConfig config{.mtu = FuzzHost::kMtu, .run = "oracle_fuzz"};
  config.sender.offloads = sender_offloads;
  return config;
}

}  // namespace

std::vector<Ipv4Address> FuzzHost::addresses() const {
  return {VethConfig{}.receiver.address, kOnLoopback};
}

std::vector<Ipv6Address> FuzzHost::ipv6_addresses() const {
  return {*Ipv6Address::parse(kIpv6OnInterface), *Ipv6Address::parse(kIpv6OnLoopback)};
}

MacAddress FuzzHost::mac() const {
  return VethConfig{}.receiver.mac;
}

ClassifierConfig FuzzHost::classifier() const {
  return {.ports = ports, .mac = mac(), .addresses = addresses(), .ipv6_addresses = ipv6_addresses()};
}

struct FuzzStage::Books {
  PortCounters sender;
  KernelCounters host;
};

FuzzStage::FuzzStage(FuzzHost host, VethTopology topology, testing::RawSender sender,
                     PortCounterReader counters)
    : host_(std::move(host)),
      topology_(std::move(topology)),
      sender_(std::move(sender)),
      sender_counters_(std::move(counters)) {}

Result<std::unique_ptr<FuzzStage>> FuzzStage::make(const FuzzHost& host, Offloads sender_offloads) {
  Result<VethTopology> topology = VethTopology::create(veth_config(sender_offloads));
  if (!topology) return tl::unexpected(topology.error());
  const VethTopology::End& receiver = topology->receiver();
  // So that none is dropped for want of memory, which would depend on what came before.
  for (const char* name : {"ipv4/ipfrag_high_thresh", "ipv6/ip6frag_high_thresh"}) {
    if (const Status set = receiver.ns.set_sysctl(name, kFragmentMemory); !set)
      return tl::unexpected(set.error());
  }
  if (const Status added =
          ip_batch(receiver.ns, {fmt::format("address add {}/32 dev lo", kOnLoopback.to_string())});
      !added) {
    return tl::unexpected(added.error());
  }
  if (host.ipv6) {
    if (const Status speaks = speak_ipv6(receiver, topology->sender().mac); !speaks)
      return tl::unexpected(speaks.error());
  }
  const VethTopology::End& sending = topology->sender();
  Result<testing::RawSender> sender = testing::RawSender::open(sending.ns, sending.index);
  if (!sender) return tl::unexpected(sender.error());
  Result<PortCounterReader> counters = PortCounterReader::open(sending.ns, sending.interface);
  if (!counters) return tl::unexpected(counters.error());
  std::unique_ptr<FuzzStage> stage(
      new FuzzStage(host, std::move(*topology), std::move(*sender), std::move(*counters)));
  if (const Status set = stage->set_fragment_time(kFragmentSeconds); !set) return tl::unexpected(set.error());
  return stage;
}

Result<std::unique_ptr<FuzzStage>> FuzzStage::with_sockets(const FuzzHost& host) {
  Result<std::unique_ptr<FuzzStage>> stage = make(host);
  if (!stage) return stage;
  if (const Status opened = (*stage)->open_sockets(); !opened) return tl::unexpected(opened.error());
  return stage;
}

Result<std::unique_ptr<FuzzStage>> FuzzStage::with_path(const FuzzHost& host, Path path,
                                                        const AfXdpConfig& options) {
  Result<std::unique_ptr<FuzzStage>> stage = make(host);
  if (!stage) return stage;
  if (const Status opened = (*stage)->open_path(path, options); !opened)
    return tl::unexpected(opened.error());
  return stage;
}

Status FuzzStage::open_sockets(Ipv4Address only) {
  Result<std::unique_ptr<Witness>> witness =
      open_socket_witness(topology_.receiver(), host_.ports, host_.ipv6, only);
  if (!witness) return tl::unexpected(witness.error());
  witness_ = std::move(*witness);
  return {};
}

Status FuzzStage::open_path(Path path, const AfXdpConfig& options) {
  witness_.reset();  // detached before the next one attaches
  Result<std::unique_ptr<Witness>> witness = open_path_witness(topology_.receiver(), path, options);
  if (!witness) return fail("open the receiver", witness.error());
  witness_ = std::move(*witness);
  return {};
}

Result<FuzzStage::Books> FuzzStage::read_books() const {
  const Result<PortCounters> sender = sender_counters_.read();
  if (!sender) return tl::unexpected(sender.error());
  Result<KernelCounters> host = kernel_counters();
  if (!host) return tl::unexpected(host.error());
  return Books{*sender, std::move(*host)};
}

Status FuzzStage::send(std::span<const FrameBytes> frames, std::vector<Datagram>& delivered) {
  while (!frames.empty()) {
    const std::size_t count = std::min(frames.size(), kChunk);
    for (const FrameBytes& frame : frames.first(count)) {
      if (Status sent = sender_.send(frame); !sent) return sent;
    }
    if (Status taken = witness_->take(delivered); !taken) return taken;
    frames = frames.subspan(count);
  }
  return {};
}

std::vector<FrameBytes> FuzzStage::marks() const {
  std::vector<FrameBytes> frames{mark_frame(topology_, MarkKind::kFast, batch_, host_.ports.front())};
  for (const std::uint16_t port : host_.ports) {
    if (witness_->hears_slow_way()) frames.push_back(mark_frame(topology_, MarkKind::kSlow, batch_, port));
    if (host_.ipv6 && witness_->hears_slow_ipv6())
      frames.push_back(mark_frame(topology_, MarkKind::kIpv6, batch_, port));
  }
  return frames;
}

// Takes marks out of `delivered`, also late ones of a batch that was given up.
Result<bool> FuzzStage::wait_for_marks(std::size_t wanted, std::vector<Datagram>& delivered) {
  const MonotonicClock clock;
  const Nanoseconds deadline = clock.now() + kMarkTimeout;
  for (std::size_t seen = 0;;) {
    std::erase_if(delivered, [&](const Datagram& datagram) {
      const std::optional<std::uint32_t> batch = batch_of_mark(datagram);
      if (batch && *batch == batch_) ++seen;
      return batch.has_value();
    });
    if (seen >= wanted) return true;
    if (clock.now() >= deadline) return false;
    if (const Status waited = witness_->wait(10 * kMillisecond); !waited)
      return tl::unexpected(waited.error());
    if (const Status taken = witness_->take(delivered); !taken) return tl::unexpected(taken.error());
  }
}

Result<FuzzStage::Outcome> FuzzStage::run(std::span<const FrameBytes> frames) {
  PENSTOCK_CHECK(witness_ != nullptr);
  const OnOneCpu on_one_cpu;
  ++batch_;
  const Result<Books> before = read_books();
  if (!before) return tl::unexpected(before.error());
  Outcome outcome;
  // A poll first, so that the userspace filter's engine counts as alive.
  if (const Status taken = witness_->take(outcome.delivered); !taken) return tl::unexpected(taken.error());
  const std::vector<FrameBytes> behind = marks();
  if (witness_->hears_slow_way()) slow_marks_ += host_.ports.size();
  for (const std::span<const FrameBytes> part : {frames, std::span<const FrameBytes>(behind)}) {
    if (const Status sent = send(part, outcome.delivered); !sent) return tl::unexpected(sent.error());
  }
  const Result<bool> came = wait_for_marks(behind.size(), outcome.delivered);
  if (!came) return tl::unexpected(came.error());
  if (!*came) outcome.invalid.push_back("a mark behind the batch did not come");

  Result<std::vector<std::string>> lost = witness_->losses();
  if (!lost) return tl::unexpected(lost.error());
  for (std::string& what : *lost)
    outcome.invalid.push_back(std::move(what));
  const Result<Books> after = read_books();
  if (!after) return tl::unexpected(after.error());
  const PortCounters sent = after->sender.since(before->sender);
  if (sent.tx_dropped != 0) outcome.invalid.push_back(fmt::format("ring_drop {}", sent.tx_dropped));
  if (sent.tx_packets + sent.tx_dropped < frames.size() + behind.size()) {
    outcome.invalid.push_back(
        fmt::format("the device sent {} frames, not {}", sent.tx_packets, frames.size() + behind.size()));
  }
  for (const char* name : {"Udp:RcvbufErrors", "Udp:MemErrors", "Udp6RcvbufErrors", "Udp6MemErrors"}) {
    if (const std::uint64_t drops = growth(before->host, after->host, name); drops != 0)
      outcome.invalid.push_back(fmt::format("{} {}", name, drops));
  }
  return outcome;
}

Result<std::vector<Datagram>> FuzzStage::run_until_valid(std::span<const FrameBytes> frames) {
  for (int attempt = 1;; ++attempt) {
    Result<Outcome> outcome = run(frames);
    if (!outcome) return tl::unexpected(outcome.error());
    if (outcome->invalid.empty()) return std::move(outcome->delivered);
    if (attempt == kAttempts)
      return fail(fmt::format("a batch stayed invalid: {}", fmt::join(outcome->invalid, ", ")));
    if (const Status forgotten = forget_fragments(); !forgotten) return tl::unexpected(forgotten.error());
  }
}

Status FuzzStage::set_fragment_time(unsigned seconds) {
  for (const char* name : {"ipv4/ipfrag_time", "ipv6/ip6frag_time"}) {
    if (Status set = topology_.receiver().ns.set_sysctl(name, std::to_string(seconds)); !set) return set;
  }
  return {};
}

Status FuzzStage::forget_fragments() {
  const MonotonicClock clock;
  const Nanoseconds deadline = clock.now() + kForgetTimeout;
  for (;;) {
    const Result<KernelCounters> now = kernel_counters();
    if (!now) return tl::unexpected(now.error());
    if (growth({}, *now, "FRAG:inuse") + growth({}, *now, "FRAG6:inuse") == 0) return {};
    if (clock.now() >= deadline) return fail("wait until the kernel forgets fragments");
    sleep_for(20 * kMillisecond);
  }
}

}  // namespace penstock
