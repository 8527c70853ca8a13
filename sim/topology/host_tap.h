// What the host's stack is given by an interface: every inbound frame, as an ETH_P_ALL socket sees it.
//
// Frames that an XDP program redirects never get here; frames that the engine hands back do. A frame is
// given as it was on the wire: the kernel takes an 802.1Q tag out before it shows a frame, libpcap puts it
// back. Frames go to the callback on the tap's own thread, in order of arrival.
//
// A drop means that the host's half of law 1 cannot be judged: the run is invalid.
//
// Needs CAP_NET_RAW. Thread safety: start and stop from one thread; the callback runs on another, but
// never after stop() has returned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "sim/topology/netns.h"

namespace penstock {

class HostTap {
 public:
  using Callback = std::function<void(std::span<const std::byte> frame)>;  // valid during the call

  struct Report {
    std::uint64_t received = 0;   // frames given to the callback
    std::uint64_t dropped = 0;    // frames that found the capture buffer full
    std::uint64_t truncated = 0;  // frames given in part only
    bool complete() const { return dropped == 0 && truncated == 0; }
  };

  // Room for more than 20,000 frames at MTU 1500, where segmentation offload is off; for 1,000 where it is
  // on, because every slot must then take 64 KiB.
  static constexpr int kBufferBytes = 64 << 20;

  // `filter`: in the language of pcap-filter(7); what it rejects is neither seen nor counted. Empty: none.
  static Result<HostTap> start(const NetNamespace& ns, const std::string& interface, Callback callback,
                               int buffer_bytes = kBufferBytes, const std::string& filter = {});

  HostTap(HostTap&&) noexcept;
  ~HostTap();

  // Takes what has arrived so far and ends. Call it after quiesce, once.
  Result<Report> stop();

 private:
  struct Capture;

  explicit HostTap(std::unique_ptr<Capture> capture);

  std::unique_ptr<Capture> capture_;
};

}  // namespace penstock
