// One check a part.
#include "sim/scenario/host_checks.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace penstock {
namespace {

Check of_status(std::string name, const Status& status, const std::string& when_right) {
  return {std::move(name), status.has_value(), status ? when_right : status.error().message()};
}

std::string describe(const char* way, const PingResult& ping) {
  return fmt::format("{}: {} of {} answered, {} twice, the slowest after {} us", way, ping.received,
                     ping.sent, ping.duplicates, ping.worst / kMicrosecond);
}

bool is_whole(const PingResult& ping, std::uint32_t asked) {
  return ping.sent == asked && ping.lost() == 0 && ping.duplicates == 0;
}

Check of_transfer(std::string name, const TransferReport& transfer) {
  const double seconds = static_cast<double>(transfer.elapsed) / kSecond;
  return of_status(std::move(name), transfer.right,
                   fmt::format("{} bytes, each as it was sent, in {:.2f} s", transfer.bytes, seconds));
}

}  // namespace

std::uint64_t retransmits_allowed(const HostReport& report, const HostReport& baseline) {
  return std::max(2 * baseline.sent_again(), report.segments() / 1000);
}

std::vector<Check> check_host(const std::string& path, const HostTrafficConfig& asked,
                              const HostReport& report, const HostReport& baseline) {
  const std::string prefix = path + ".host_";
  std::vector<Check> checks;
  if (asked.pings != 0) {
    checks.push_back({prefix + "ping",
                      is_whole(report.ping_in, asked.pings) && is_whole(report.ping_out, asked.pings),
                      describe("in", report.ping_in) + "; " + describe("out", report.ping_out)});
  }
  if (asked.download_bytes != 0) checks.push_back(of_transfer(prefix + "download", report.download));
  if (asked.upload_bytes != 0) checks.push_back(of_transfer(prefix + "upload", report.upload));
  if (asked.download_bytes != 0 || asked.upload_bytes != 0) {
    const std::uint64_t allowed = retransmits_allowed(report, baseline);
    checks.push_back({prefix + "retransmits", report.sent_again() <= allowed,
                      fmt::format("{} of {} TCP segments were sent again, at most {} allowed; {} of {} "
                                  "without the engine",
                                  report.sent_again(), report.segments(), allowed, baseline.sent_again(),
                                  baseline.segments())});
  }
  if (asked.neighbours) {
    checks.push_back(of_status(prefix + "neighbours", report.neighbours,
                               "ARP and neighbour discovery found both hosts both ways"));
  }
  if (asked.sockets) {
    checks.push_back(of_status(prefix + "sockets", report.sockets,
                               "IP_PKTINFO and SO_BINDTODEVICE see the original interface"));
  }
  return checks;
}

}  // namespace penstock
