// The hosts of a Turbine cluster that are not receivers, one subcommand each: a leader, a relay. What they
// did is one JSON object on stdout, the last line. docs/turbine.md says how a cluster is put together.
//
//   turbine_node key --seed N                         the leader's key, base58
//   turbine_node relay --cluster FILE --self NAME --leader KEY
//                                                     until SIGTERM; first says "ready"
//   turbine_node leader --cluster FILE --address A    sends its slots, then ends
//
// Exit status: 0 done, 1 something failed, 2 usage.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/unique_fd.h"
#include "engine/shred/base58.h"
#include "sim/turbine/cluster.h"
#include "sim/turbine/relay.h"
#include "sim/turbine/turbine_leader.h"

namespace {

using penstock::Cluster;
using penstock::Error;
using penstock::Result;
using penstock::Status;

struct Options {
  std::string cluster;
  std::string self;
  std::string leader;
  std::string address;
  std::size_t fanout = 2;
  std::uint16_t port = 8003;
  std::uint64_t seed = 1;
  std::uint64_t first_slot = 1;
  std::uint32_t slots = 1;
  std::uint32_t sets_per_slot = 25;
  std::uint64_t pps = 4'000;
  double loss_percent = 0;
  std::uint32_t jitter_ms = 0;
};

constexpr std::uint16_t kBroadcastPort = 8009;  // a leader's source, as Agave's

int complain(const Error& error) {
  fmt::print(stderr, "turbine_node: {}\n", error.message());
  return 1;
}

// By name of node.
nlohmann::json by_name(const Cluster& cluster, const std::vector<std::uint64_t>& counts) {
  nlohmann::json object = nlohmann::json::object();
  for (std::size_t i = 0; i < cluster.size(); ++i)
    object[cluster[i].name] = counts[i];
  return object;
}

void print(const nlohmann::json& object) {
  fmt::print("{}\n", object.dump());
  std::fflush(stdout);
}

int key_command(const Options& options) {
  fmt::print("{}\n", penstock::to_base58(penstock::public_key_of(penstock::leader_keys(options.seed))));
  return 0;
}

// For poll(), rounded up; -1: no shred waits.
int milliseconds_until_due(const penstock::Relay& relay, penstock::Nanoseconds now) {
  const auto due = relay.next_due();
  if (!due) return -1;
  return static_cast<int>(std::max<penstock::Nanoseconds>(*due - now, 0) / penstock::kMillisecond) + 1;
}

Status relay_until(int stop, penstock::Relay& relay) {
  const penstock::MonotonicClock clock;
  std::array<pollfd, 2> wanted = {pollfd{stop, POLLIN, 0}, pollfd{relay.fd(), POLLIN, 0}};
  while (wanted[0].revents == 0) {
    const int patience = milliseconds_until_due(relay, clock.now());
    if (::poll(wanted.data(), wanted.size(), patience) < 0 && errno != EINTR)
      return penstock::fail("wait for shreds", errno);
    if (const auto done = relay.step(clock.now()); !done) return tl::unexpected(done.error());
  }
  return {};
}

std::int64_t nanoseconds(const timeval& time) {
  return time.tv_sec * penstock::kSecond + time.tv_usec * penstock::kMicrosecond;
}

int relay_command(const Options& options) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  const penstock::UniqueFd stop(signalfd(-1, &signals, SFD_CLOEXEC));
  const Result<Cluster> cluster = penstock::read_cluster(options.cluster);
  if (!cluster) return complain(cluster.error());
  const Result<std::size_t> self = find_node(*cluster, options.self);
  if (!self) return complain(self.error());
  const auto leader = penstock::key_from_base58(options.leader);
  if (!leader) return complain(leader.error());
  auto relay = penstock::Relay::open({.cluster = *cluster,
                                      .self = *self,
                                      .leader = *leader,
                                      .fanout = options.fanout,
                                      .port = options.port,
                                      .loss_ppm = static_cast<std::uint32_t>(options.loss_percent * 10'000),
                                      .jitter = options.jitter_ms * penstock::kMillisecond,
                                      .seed = options.seed});
  if (!relay) return complain(relay.error());
  fmt::print("ready\n");
  std::fflush(stdout);
  if (const Status ended = relay_until(stop.get(), *relay); !ended) return complain(ended.error());
  const auto counts = relay->counts();
  if (!counts) return complain(counts.error());
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  print({{"received", counts->received},
         {"not_shreds", counts->not_shreds},
         {"socket_dropped", counts->socket_dropped},
         {"resigned", counts->resigned},
         {"user_ns", nanoseconds(used.ru_utime)},
         {"system_ns", nanoseconds(used.ru_stime)},
         {"sent", by_name(*cluster, counts->sent)},
         {"lost", by_name(*cluster, counts->lost)}});
  return 0;
}

int leader_command(const Options& options) {
  const Result<Cluster> cluster = penstock::read_cluster(options.cluster);
  if (!cluster) return complain(cluster.error());
  const auto address = penstock::Ipv4Address::parse(options.address);
  if (!address) return complain(address.error());
  const auto report = penstock::lead({.cluster = *cluster,
                                      .fanout = options.fanout,
                                      .from = {*address, kBroadcastPort},
                                      .port = options.port,
                                      .seed = options.seed,
                                      .first_slot = options.first_slot,
                                      .slots = options.slots,
                                      .sets_per_slot = options.sets_per_slot,
                                      .pps = options.pps});
  if (!report) return complain(report.error());
  print({{"sets", report->sets},
         {"shreds", report->shreds},
         {"elapsed_ns", report->elapsed},
         {"content_digest", report->content.to_string()},
         {"sent", by_name(*cluster, report->sent)}});
  return 0;
}

void add_cluster(CLI::App* command, Options& options) {
  command->add_option("--cluster", options.cluster, "its hosts, a line NAME ADDRESS STAKE each")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("--fanout", options.fanout, "children of a node")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--port", options.port, "UDP port of every host")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
}

void add_relay(CLI::App& app, Options& options) {
  CLI::App* relay = app.add_subcommand("relay", "Retransmit shreds to the children of their trees.");
  add_cluster(relay, options);
  relay->add_option("--self", options.self, "which host of the cluster")->required();
  relay->add_option("--leader", options.leader, "the leader's key, base58")->required();
  relay->add_option("--seed", options.seed, "of its own key and its losses");
  relay->add_option("--loss-percent", options.loss_percent, "of what it should send, left out")
      ->check(CLI::Range(0.0, 100.0));
  relay->add_option("--jitter-ms", options.jitter_ms, "each shred waits for some time up to this")
      ->check(CLI::Range(0, 1000));
}

void add_leader(CLI::App& app, Options& options) {
  CLI::App* leader = app.add_subcommand("leader", "Send signed slots to the roots of their trees.");
  add_cluster(leader, options);
  leader->add_option("--address", options.address, "of this host, IPv4")->required();
  leader->add_option("--seed", options.seed, "same seed, same key and same shreds")->capture_default_str();
  leader->add_option("--first-slot", options.first_slot, "its number")->capture_default_str();
  leader->add_option("--slots", options.slots, "how many")->capture_default_str();
  leader->add_option("--sets-per-slot", options.sets_per_slot, "FEC sets of 64 shreds")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  leader->add_option("--pps", options.pps, "shreds a second; the 64 of a set leave at once")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A leader and relays for a Turbine cluster; the receivers are `penstock run`.");
  app.require_subcommand(1);
  Options options;
  CLI::App* key = app.add_subcommand("key", "Print the key of the leader that a seed makes.");
  key->add_option("--seed", options.seed, "the leader's")->required();
  add_relay(app, options);
  add_leader(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (app.got_subcommand("key")) return key_command(options);
  return app.got_subcommand("relay") ? relay_command(options) : leader_command(options);
}
