// Veth, frames, NAPI's thread.
#include "bench/paths/stage.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/packet/frame_builder.h"
#include "sim/replay/live_sender.h"
#include "sim/topology/napi_thread.h"
#include "sim/topology/netns.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

constexpr std::size_t kMixed = 512;  // frames of traffic of two kinds: a power of two, as loops want
constexpr std::uint64_t kForEver = std::uint64_t{1} << 48;  // frames
constexpr std::uint16_t kOtherPort = 9999;
constexpr std::size_t kHeaders = 14 + 20 + 8;

// Flows of 64 sources; the n-th frame of a hundred is ours or not, spread evenly.
Workload make_frames(const StageConfig& config, const LinkedHosts& hosts, std::size_t count) {
  const LinkedHosts::End& from = hosts.sender();
  const LinkedHosts::End& to = hosts.receiver();
  Workload workload({});
  std::vector<std::byte> payload(config.traffic.frame_bytes - kHeaders);
  // One frame over and over is sent faster than it is received: then the sender is not what is measured.
  if (config.traffic.single && config.traffic.ours_percent == 100) count = 1;
  for (std::size_t i = 0; i < count; ++i) {
    const bool ours = i * config.traffic.ours_percent / 100 != (i + 1) * config.traffic.ours_percent / 100;
    std::fill(payload.begin(), payload.end(), static_cast<std::byte>(i));
    const std::vector<std::byte> frame =
        FrameBuilder()
            .add(EthernetHeader{.destination = to.mac, .source = from.mac})
            .add(Ipv4Header{.source = from.address, .destination = to.address})
            .add(UdpHeader{.source_port = static_cast<std::uint16_t>(9000 + i % 64),
                           .destination_port = ours ? config.port : kOtherPort,
                           // The stamp would make it a bad one, which sockets drop.
                           .checksum = config.stamped ? ChecksumMode::kZero : ChecksumMode::kGood})
            .payload(payload)
            .build();
    workload.add_copy(0, ours ? FrameKind::kShred : FrameKind::kOtherPort, frame);
  }
  return workload;
}

// With GRO there is NAPI before and between the receivers, so that a veth's thread stays, and sockets get
// live frames.
Result<LinkedHosts> make_link(const StageConfig& config) {
  LinkConfig link{.queues = config.queues};
  link.receiver.offloads.gro = true;
  if (config.lab != nullptr) {
    if (Status s = config.lab->meets({.native_xdp = true}); !s) return tl::unexpected(s.error());
    return config.lab->connect(link);
  }
  Result<VethTopology> pair = VethTopology::create(link);
  if (!pair) return tl::unexpected(pair.error());
  return LinkedHosts(std::move(*pair));
}

}  // namespace

std::string_view to_string(Coupling coupling) {
  constexpr std::string_view kNames[] = {"coupled", "decoupled", "ports"};
  return kNames[static_cast<std::size_t>(coupling)];
}

std::string place_of(const StageConfig& config) {
  if (config.lab != nullptr) return "ports of the lab " + config.lab->record().name;
  return fmt::format("veth, {}", to_string(config.coupling));
}

Result<Stage> Stage::create(const StageConfig& config) {
  PENSTOCK_CHECK(config.traffic.frame_bytes >= 60 && config.traffic.ours_percent <= 100);
  PENSTOCK_CHECK((config.lab != nullptr) == (config.coupling == Coupling::kPorts));
  PENSTOCK_CHECK(config.queues >= 1 && (config.queues == 1 || config.lab == nullptr));
  Result<LinkedHosts> hosts = make_link(config);
  if (!hosts) return tl::unexpected(hosts.error());
  if (config.coupling == Coupling::kDecoupled) {
    if (Status s = give_napi_a_thread(hosts->receiver().ns, hosts->receiver().interface); !s)
      return tl::unexpected(s.error());
  }
  Stage stage(config, std::move(*hosts));
  if (Status s = stage.pin_napi(); !s) return tl::unexpected(s.error());
  return stage;
}

Stage::Stage(const StageConfig& config, LinkedHosts hosts)
    : config_(config), hosts_(std::move(hosts)), workload_(make_frames(config_, hosts_, kMixed)) {}

void Stage::set_traffic(const Traffic& traffic) {
  config_.traffic = traffic;
  workload_ = make_frames(config_, hosts_, kMixed);
}

// The thread is called napi/INTERFACE-ID, cut to 15 characters.
Status Stage::pin_napi() const {
  if (config_.coupling != Coupling::kDecoupled) return {};
  const std::string wanted = ("napi/" + receiver().interface).substr(0, 15);
  cpu_set_t cpu;
  CPU_ZERO(&cpu);
  CPU_SET(config_.receiver_cpu, &cpu);
  bool found = false;
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(process.path() / "comm");
    std::string name;
    if (!std::getline(file, name) || !name.starts_with(wanted)) continue;
    found = sched_setaffinity(std::stoi(process.path().filename()), sizeof(cpu), &cpu) == 0 || found;
  }
  if (found) return {};
  return fail("find the kernel's thread " + wanted, ESRCH, "run it outside of any PID namespace");
}

Result<ReplayReport> Stage::send(std::uint64_t pps, Nanoseconds duration) const {
  const std::uint64_t looped = workload_.frames().size();
  if (pps == 0)
    return replay({.pace = Pace::kFlatOut, .loops = kForEver / looped, .at_most = duration}, workload_);
  const std::uint64_t frames = pps * static_cast<std::uint64_t>(duration / kMillisecond) / 1000;
  return replay({.pace = Pace::kFixedRate,
                 .pps = pps,
                 .loops = std::max<std::uint64_t>(2, frames / looped / config_.queues)},
                workload_);
}

// All of a burst lies ready before its first frame leaves.
Result<ReplayReport> Stage::send_burst(std::uint64_t frames) const {
  const std::size_t looped = workload_.frames().size();
  if (looped > 1 && frames <= kLiveSlots)
    return replay({.pace = Pace::kFlatOut}, make_frames(config_, hosts_, frames));
  return replay({.pace = Pace::kFlatOut, .loops = (frames + looped - 1) / looped}, workload_);
}

Result<ReplayReport> Stage::replay(ReplayConfig config, const Workload& workload) const {
  config.ifindex = static_cast<int>(hosts_.sender().index);
  config.stamped = config_.stamped;
  config.cpu = config_.sender_cpu;
  config.cpus = config_.queues;
  if (config_.stop != nullptr) config.stop = *config_.stop;
  return run_in(hosts_.sender().ns, [&] { return replay_live(config, workload); });
}

std::uint64_t Stage::ours_of(const ReplayReport& report) const {
  return report.by_kind[index_of(FrameKind::kShred)].frames;
}

}  // namespace penstock
