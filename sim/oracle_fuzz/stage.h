// A veth pair with a witness at its receiving end, fed in lockstep: a batch of frames goes out, and run()
// returns when the last of them has been dealt with.
//
// How the end is known, without sleeping: behind the batch go marks, datagrams that every witness must be
// given: one that the fast path takes, and for each port one with IP options, which takes the slow way (and
// for IPv6 sockets a plain one). Each way is a queue, so when all marks are there, what was sent before has
// come or never will. What a batch proves is void (Outcome::invalid) when something was lost for want of
// room anywhere: the device's ring, the AF_XDP rings, a socket's buffer; or when a mark does not come.
//
// The namespace is as sim/topology/veth.h makes it, with an address on `lo` beside that of the interface,
// and room for many unfinished datagrams, which are soon forgotten. With `ipv6` it speaks IPv6 too, but never
// unasked.
//
// Needs root. Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "sim/oracle_fuzz/datagram.h"
#include "sim/oracle_fuzz/witness.h"
#include "sim/topology/kernel_counters.h"
#include "sim/topology/port_counters.h"
#include "sim/topology/testing/raw_sender.h"
#include "sim/topology/veth.h"

namespace penstock {

using FrameBytes = std::vector<std::byte>;

// What is the same on every stage, so that the same frames mean the same.
struct FuzzHost {
  static constexpr std::uint32_t kMtu = 3000;
  static constexpr std::size_t kLongestFrame = kMtu + 14;

  std::vector<std::uint16_t> ports{8003, 8007};
  bool ipv6 = false;

  std::vector<Ipv4Address> addresses() const;       // the interface's, and one on `lo`
  std::vector<Ipv6Address> ipv6_addresses() const;  // whether or not it is spoken
  MacAddress mac() const;
  // What the receiver must know of the host; options beside it are the caller's.
  ClassifierConfig classifier() const;
};

class FuzzStage {
 public:
  struct Outcome {
    std::vector<Datagram> delivered;
    std::vector<std::string> invalid;  // why the batch proves nothing; empty: it is valid
  };

  // Longer than any stall of this machine between two fragments of a case, short enough to wait for.
  static constexpr unsigned kFragmentSeconds = 4;

  // The link without a witness: for changing the host before one is opened.
  static Result<std::unique_ptr<FuzzStage>> make(const FuzzHost& host, Offloads sender_offloads = {});
  // Both at once.
  static Result<std::unique_ptr<FuzzStage>> with_sockets(const FuzzHost& host);
  static Result<std::unique_ptr<FuzzStage>> with_path(const FuzzHost& host, Path path,
                                                      const AfXdpConfig& options);

  Status open_sockets(Ipv4Address only = {});
  Status open_path(Path path, const AfXdpConfig& options);  // witness.h

  // REQUIRES: a witness; frames of 14 to kLongestFrame bytes. Without a companion socket of the receiver's
  // own the end of the slow way is not known: then wait for quiesce before looking at the kernel's counters.
  Result<Outcome> run(std::span<const FrameBytes> frames);
  // The same, again and at most five times while the outcome is invalid; then that is an error.
  Result<std::vector<Datagram>> run_until_valid(std::span<const FrameBytes> frames);

  // For how long the kernel waits for the fragments of datagrams that begin from now on; kFragmentSeconds
  // when nobody says.
  Status set_fragment_time(unsigned seconds);
  // Waits until the kernel holds no unfinished datagram, by its own count.
  Status forget_fragments();

  const VethTopology& topology() const { return topology_; }
  CounterSnapshot counters() const { return witness_->counters(); }
  // How many marks went the slow way so far: they are among the engine's counters.
  std::uint64_t slow_marks() const { return slow_marks_; }
  Result<KernelCounters> kernel_counters() const { return read_kernel_counters(topology_.receiver().ns); }

 private:
  struct Books;  // counters of both ends

  FuzzStage(FuzzHost host, VethTopology topology, testing::RawSender sender, PortCounterReader counters);

  Result<Books> read_books() const;
  Status send(std::span<const FrameBytes> frames, std::vector<Datagram>& delivered);
  std::vector<FrameBytes> marks() const;
  Result<bool> wait_for_marks(std::size_t wanted, std::vector<Datagram>& delivered);

  FuzzHost host_;
  VethTopology topology_;
  testing::RawSender sender_;
  PortCounterReader sender_counters_;
  std::unique_ptr<Witness> witness_;
  std::uint32_t batch_ = 0;
  std::uint64_t slow_marks_ = 0;
};

}  // namespace penstock
