// The ordinary traffic of the receiver's host, all of it at once, and how it fared.
//
//   pings        each way, one every 10 ms
//   download     by HTTP from the sender's host into the receiver's, and `upload` the other way
//   neighbours   ARP and neighbour discovery each way (neighbours.h)
//   sockets      do they see the original interface? (socket_witness.h)
//
// A report tells; it does not judge. What the programs themselves could not do (a download that broke off) is
// in the report too: only a program that cannot be started is an error.
//
// Needs root. Thread safety: any thread; the programs die with it.
#pragma once

#include <cstdint>
#include <future>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "sim/host/ping.h"
#include "sim/topology/host_counters.h"
#include "sim/topology/linked_hosts.h"

namespace penstock {

struct HostTrafficConfig {
  std::uint32_t pings = 0;           // each way; 0: none
  std::uint64_t download_bytes = 0;  // into the receiver's host; 0: none
  std::uint64_t upload_bytes = 0;    // out of it; 0: none
  // Of each transfer; 0: as fast as it goes, which takes every cycle that nobody else holds on to.
  std::uint64_t bytes_per_second = 0;
  bool neighbours = false;  // REQUIRES: speak_ipv6() and forget_neighbours()
  bool sockets = false;
  Nanoseconds transfer_timeout = 60 * kSecond;

  // Whether there is any traffic at all.
  bool any() const { return pings != 0 || download_bytes != 0 || upload_bytes != 0 || neighbours || sockets; }
};

// A download, either way: right when what arrived is what was sent, byte for byte.
struct TransferReport {
  Status right{};
  std::uint64_t bytes = 0;
  Nanoseconds elapsed = 0;
};

struct HostReport {
  PingResult ping_in;   // from the sender's host: requests come in through the filter
  PingResult ping_out;  // from the receiver's host: answers do
  TransferReport download;
  TransferReport upload;
  Status neighbours{};
  Status sockets{};
  HostCounters sender;  // what the two stacks counted meanwhile
  HostCounters receiver;
  Nanoseconds elapsed = 0;  // of everything

  // TCP segments that both ends sent, first and again. (Linux counts the latter apart.)
  std::uint64_t segments() const { return sender.tcp_sent + receiver.tcp_sent; }
  std::uint64_t sent_again() const { return sender.tcp_sent_again + receiver.tcp_sent_again; }
};

// Runs it to its end.
Result<HostReport> run_host_traffic(const LinkedHosts& topology, const HostTrafficConfig& config);

// The same beside whatever the caller does meanwhile, on a thread of its own: begins when it is made.
class HostTraffic {
 public:
  // The topology is borrowed, until finish().
  HostTraffic(const LinkedHosts& topology, const HostTrafficConfig& config);

  // Waits for its end; without any traffic an empty report. Call once; going away without it waits too.
  Result<HostReport> finish() { return report_.get(); }

 private:
  std::future<Result<HostReport>> report_;
};

}  // namespace penstock
