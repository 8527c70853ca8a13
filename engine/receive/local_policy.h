// What is "this host" for the classifier: the interface's MAC and the namespace's local addresses, of IPv6
// when it is asked for, read by rtnetlink and watched for changes.
//
// An address is local when the kernel's table `local` has a host route of type RTN_LOCAL for it,
// whichever interface has it (also `lo`): that is the question that ip_route_input_slow() and
// ip6_route_input() ask. An IPv6 address gets its route when duplicate detection is done with it, and not
// before. Left out:
//   127.0.0.0/8, ::1     never taken from an interface, and never a valid source there
//   fe80::/10            of other interfaces: such an address means something else on each link
//   longer ranges        (`ip route add local 10.0.0.0/8 dev lo`): not addresses; frames to them pass, and
//                        the companion socket receives them
// With no local address at all the list holds 0.0.0.0, which is no valid destination: so everything
// passes, where an empty list would mean "not checked".
//
// The first PENSTOCK_INLINE_ADDRESSES of IPv4, the interface's own before the others, stand in the
// classifier's policy; the rest and those of IPv6 go to its hash, which holds kMostListed. `left_out` says
// how many find no room there. Frames to those pass to the companion socket: slower, never lost. A frame
// that claims to come from one of them is not recognised as own_source.
//
// open() subscribes before it reads, so that no change falls between the two. poll() never blocks: it
// drains the events of links, addresses and routes, and reads anew once they have been quiet for
// kQuiet, or kLongest after the first of a stream that does not end. An overflow of the event queue
// (ENOBUFS) is an event like any other: what was missed is read anew.
//
// Belongs to the network namespace of the thread that opens it. Needs no privilege. Thread safety: none.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bpf/classify.h"
#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/packet/address.h"

namespace penstock {

struct LocalPolicy {
  std::optional<MacAddress> mac{};  // none: the interface has no Ethernet address
  // The interface's own first, then the others, each sorted.
  std::vector<Ipv4Address> addresses{};
  std::vector<Ipv6Address> ipv6_addresses{};  // empty unless asked for
  std::size_t left_out = 0;
  bool operator==(const LocalPolicy&) const = default;
};

class LocalPolicyWatch {
 public:
  static constexpr Nanoseconds kQuiet = 5 * kMillisecond;
  static constexpr Nanoseconds kLongest = 50 * kMillisecond;
  static constexpr std::size_t kMostListed = PENSTOCK_LISTED_ADDRESSES;

  static Result<LocalPolicyWatch> open(unsigned interface_index, bool ipv6 = false);

  const LocalPolicy& current() const { return current_; }

  // True when current() is another one than before. `now` is of any monotonic clock, always the same.
  // Errors: what reading gave; the old policy stays, and the next poll() tries again.
  Result<bool> poll(Nanoseconds now);

  // Readable when an event has come.
  int fd() const { return events_.get(); }

 private:
  LocalPolicyWatch(unsigned interface_index, bool ipv6) : interface_index_(interface_index), ipv6_(ipv6) {}

  void read_events(Nanoseconds now);
  Result<LocalPolicy> read() const;

  unsigned interface_index_;
  bool ipv6_;
  UniqueFd events_;
  UniqueFd requests_;
  LocalPolicy current_;
  bool changed_ = false;          // something happened since the last reading
  Nanoseconds first_change_ = 0;  // these two when changed_
  Nanoseconds last_change_ = 0;
};

}  // namespace penstock
