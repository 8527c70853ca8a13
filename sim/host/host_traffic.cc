// Everything started, the short checks meanwhile, everything waited for.
#include "sim/host/host_traffic.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sim/host/http.h"
#include "sim/host/neighbours.h"
#include "sim/host/socket_witness.h"

namespace penstock {
namespace {

constexpr std::uint64_t kDownloadSeed = 1;
constexpr std::uint64_t kUploadSeed = 2;

// A server at one end and a client at the other.
struct Transfer {
  FileServer server;
  std::optional<Download> client{};  // before it is begun
};

Result<std::optional<Transfer>> serve(const LinkedHosts::End& from, std::uint64_t bytes, std::uint64_t seed) {
  if (bytes == 0) return std::nullopt;
  Result<FileServer> server = FileServer::start(from.ns, from.address.to_string(), bytes, seed);
  if (!server) return tl::unexpected(server.error());
  return Transfer{std::move(*server)};
}

Status begin(std::optional<Transfer>& transfer, const LinkedHosts::End& to, std::uint64_t bytes_per_second) {
  if (!transfer) return {};
  Result<Download> client = Download::start(to.ns, transfer->server.url(), bytes_per_second);
  if (!client) return tl::unexpected(client.error());
  transfer->client.emplace(std::move(*client));
  return {};
}

TransferReport finish(std::optional<Transfer>& transfer, Nanoseconds timeout) {
  if (!transfer) return {};
  const Result<DownloadResult> got = transfer->client->finish(timeout);
  if (!got) return {.right = tl::unexpected(got.error())};
  TransferReport report{.bytes = got->bytes, .elapsed = got->elapsed};
  if (got->sha256 != transfer->server.sha256()) {
    report.right = fail(fmt::format("{} bytes of SHA-256 {} came, {} of {} were sent", got->bytes,
                                    got->sha256, transfer->server.bytes(), transfer->server.sha256()));
  }
  return report;
}

// Both ways at once; empty when none are asked for.
struct Pings {
  std::optional<Ping> in;
  std::optional<Ping> out;
};

Result<Pings> start_pings(const LinkedHosts& topology, std::uint32_t count) {
  if (count == 0) return Pings{};
  const LinkedHosts::End& sender = topology.sender();
  const LinkedHosts::End& receiver = topology.receiver();
  Result<Ping> in = Ping::start(sender.ns, receiver.address.to_string(), {.count = count});
  if (!in) return tl::unexpected(in.error());
  Result<Ping> out = Ping::start(receiver.ns, sender.address.to_string(), {.count = count});
  if (!out) return tl::unexpected(out.error());
  return Pings{std::move(*in), std::move(*out)};
}

Status finish(std::optional<Ping>& ping, PingResult& result) {
  if (!ping) return {};
  const Result<PingResult> got = ping->finish();
  if (!got) return tl::unexpected(got.error());
  result = *got;
  return {};
}

}  // namespace

Result<HostReport> run_host_traffic(const LinkedHosts& topology, const HostTrafficConfig& config) {
  const LinkedHosts::End& sender = topology.sender();
  const LinkedHosts::End& receiver = topology.receiver();
  const MonotonicClock clock;
  const Nanoseconds begun = clock.now();
  HostReport report;

  Result<std::optional<Transfer>> download = serve(sender, config.download_bytes, kDownloadSeed);
  if (!download) return tl::unexpected(download.error());
  Result<std::optional<Transfer>> upload = serve(receiver, config.upload_bytes, kUploadSeed);
  if (!upload) return tl::unexpected(upload.error());
  const Result<HostCounters> sender_before = read_host_counters(sender.ns);
  if (!sender_before) return tl::unexpected(sender_before.error());
  const Result<HostCounters> receiver_before = read_host_counters(receiver.ns);
  if (!receiver_before) return tl::unexpected(receiver_before.error());

  // A neighbour that is being forgotten would cost a ping or two: this comes first.
  if (config.neighbours) report.neighbours = check_neighbours(topology);
  Result<Pings> pings = start_pings(topology, config.pings);
  if (!pings) return tl::unexpected(pings.error());
  if (Status s = begin(*download, receiver, config.bytes_per_second); !s) return tl::unexpected(s.error());
  if (Status s = begin(*upload, sender, config.bytes_per_second); !s) return tl::unexpected(s.error());
  if (config.sockets) report.sockets = check_sockets(topology);

  report.download = finish(*download, config.transfer_timeout);
  report.upload = finish(*upload, config.transfer_timeout);
  if (Status s = finish(pings->in, report.ping_in); !s) return tl::unexpected(s.error());
  if (Status s = finish(pings->out, report.ping_out); !s) return tl::unexpected(s.error());

  const Result<HostCounters> sender_after = read_host_counters(sender.ns);
  if (!sender_after) return tl::unexpected(sender_after.error());
  const Result<HostCounters> receiver_after = read_host_counters(receiver.ns);
  if (!receiver_after) return tl::unexpected(receiver_after.error());
  report.sender = sender_after->since(*sender_before);
  report.receiver = receiver_after->since(*receiver_before);
  report.elapsed = clock.now() - begun;
  return report;
}

HostTraffic::HostTraffic(const LinkedHosts& topology, const HostTrafficConfig& config)
    : report_(std::async(std::launch::async, [&topology, config]() -> Result<HostReport> {
        if (!config.any()) return HostReport{};
        return run_host_traffic(topology, config);
      })) {}

}  // namespace penstock
