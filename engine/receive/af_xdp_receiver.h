// AF_XDP with the kernel filter or the userspace filter on one interface or several: programs, UMEM, sockets,
// receive loop, companion socket and, behind the userspace filter, the return path put together.
//
// open() goes in the order that loses nothing and opens no black hole: program loaded and its maps filled,
// UMEM mapped, ports held by the companion socket, return tile running, sockets bound with full fill rings,
// sockets into the XSKMAP, programs attached last. Going away is the reverse: the programs are detached
// first, and from then on the host's stack gets every frame; then the return tile hands over what it has.
//
// While it runs, between two polls:
//   set_ports()       another list of ports, without losing a datagram of a port that stays
//   refresh_policy()  follows the host's addresses and the interfaces' MACs, when asked to (HostPolicy)
//
// Several net tiles: the queues are split into `net_tiles` groups (queue_group.h). This receiver polls the
// first and has programs, policy, ports and companion socket; tile(1) and so on are receivers of their own,
// each for a thread of its own, whose frames lie in the same memory.
//
// Several interfaces (the members of a bond; a second uplink): each has a program and a policy of its own
// (attachment.h), since its MAC and the kernel's account of it are its own. Each further one has one net
// tile, behind those of the first. Ports and companion socket are one for all, and so is the way in: where
// one driver has no native XDP open() fails, and its caller may try all of them in generic mode
// (open_receiver.h). A dead-man's switch knows its own interface's tiles.
//
//   interface -> queues 0 .. queues - 1 of `interface`, split among net_tiles   tile(0), tile(1), ...
//   further[0] -> its queues                                                    tile(net_tiles)
//
// Frames: `fill_frames` a queue, then kCompanionFrames that the companion socket lends, then those of the
// return links' lines, then `consumer_frames` for each tile, which its user's links start with
// (tiles/port_links.h).
//
// The userspace filter in generic XDP mode is refused: a frame that the return path puts back on the
// interface would run through the XDP program again, be redirected again, and go round for ever.
//
// Must run in the network namespace of the interfaces. Capabilities, of `privileges` (privileges.h):
// CAP_NET_RAW for the sockets, CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON for the program and the return path.
// Errors name the step, the errno and the fix.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/classify/classifier.h"
#include "engine/metrics/queue_load.h"
#include "engine/privilege/own_privileges.h"
#include "engine/receive/attachment.h"
#include "engine/receive/companion_socket.h"
#include "engine/receive/port_list.h"
#include "engine/receive/queue_group.h"
#include "engine/receive/receiver.h"
#include "engine/receive/xsk_receive.h"
#include "engine/xdp/receiver_program.h"
#include "engine/xsk/socket.h"
#include "engine/xsk/umem.h"

namespace penstock {

// An interface behind the first one, and how many of its queues get a socket, from queue 0 on.
struct FurtherInterface {
  std::string name;
  std::uint32_t queues = 1;

  bool operator==(const FurtherInterface&) const = default;
};

struct AfXdpConfig {
  Filter filter = Filter::kKernel;
  std::string interface {};
  ClassifierConfig classifier{};  // max_frame is set from frame_bytes
  HostPolicy host_policy = HostPolicy::kGiven;
  std::uint32_t queues = 1;     // sockets on queues 0 .. queues - 1
  std::uint32_t net_tiles = 1;  // which share them, at most as many
  std::vector<FurtherInterface> further{};
  std::uint32_t rx_entries = 4096;
  std::uint32_t fill_frames = 0;  // of each queue, at most twice rx_entries; 0: default_fill_frames()
  std::uint32_t frame_bytes = kDefaultFrameBytes;
  std::uint32_t max_payload = 1472;
  // Of the userspace filter: what it takes, the lines of each tile's return link (a power of two;
  // return_path.h has the reason) and the CPU of the return tiles (-1: any).
  TakeScope scope = TakeScope::kAll;
  std::uint32_t return_depth = 4096;
  int return_cpu = -1;
  PortMap port_map = PortMap::kArray;  // of the kernel filter
  Loader loader = Loader::kLibbpf;     // of the XDP program
  HugePages huge_pages = HugePages::kAuto;
  BusyPoll busy_poll{};               // for a thread that drive()s
  std::uint32_t consumer_frames = 0;  // of each tile
  Companion companion = Companion::kOff;
  AttachMode attach_mode = AttachMode::kNative;
  XskMode xsk_mode = XskMode::kCopy;
  Privileges* privileges = own_privileges();  // who does what takes a capability; must outlive the receiver

  // The companion socket's. Enough for several batches in the hands of consumers.
  static constexpr std::uint32_t kCompanionFrames = 256;

  // Twice as many as a queue has frames at most: xsk_receive.h says why.
  std::uint32_t fill_entries() const { return 4 * rx_entries; }
  std::uint32_t frames_of_queue() const {
    return fill_frames != 0 ? fill_frames : default_fill_frames(rx_entries, xsk_mode == XskMode::kZeroCopy);
  }
  // Of a tile.
  std::uint32_t return_frames() const { return filter == Filter::kUserspace ? return_depth : 0; }
  // Over all interfaces.
  std::uint32_t all_queues() const {
    std::uint32_t all = queues;
    for (const FurtherInterface& each : further)
      all += each.queues;
    return all;
  }
  std::uint32_t all_tiles() const { return net_tiles + static_cast<std::uint32_t>(further.size()); }
  // Of the whole UMEM.
  std::uint32_t frames() const {
    return all_queues() * frames_of_queue() + kCompanionFrames +
           all_tiles() * (return_frames() + consumer_frames);
  }
};

class AfXdpReceiver final : public Receiver {
 public:
  // An idle or busy loop looks at the companion socket once in so many polls: one system call (about
  // 300 ns) shared by them, and never later than 128 full batches.
  static constexpr std::uint32_t kPollsBetweenLooks = 128;

  static Result<std::unique_ptr<AfXdpReceiver>> open(const AfXdpConfig& config);
  ~AfXdpReceiver() override;

  // The RX rings first. The companion socket gets a turn when they are empty behind a wait(), and one look
  // in kPollsBetweenLooks; while it has something, every other turn.
  // With the userspace filter it must come round every 100 ms, or the XDP program takes the engine for
  // dead and leaves everything to the host's stack (bpf/take_all.h).
  std::span<const Frag> poll() override;
  void give_back(std::span<const Frag> frags) override;
  // Also wakes for the companion socket. With the userspace filter at most 50 ms, whatever is asked, for the
  // same reason.
  Status wait(Nanoseconds timeout) override;
  Status drive() override { return groups_.front()->drive(); }
  Status frames_by_cpu(std::vector<std::uint64_t>& frames) const override {
    return groups_.front()->frames_by_cpu(frames);
  }
  Status refresh_counters() override;
  void detach() override;
  void stop() override;
  CounterSnapshot snapshot() const override;
  Path path() const override;
  std::string mode() const override;

  // Another list of ports in place of the present one. Added: held by the companion socket, then listed in
  // the engine, then in the kernel. Removed: taken off in the kernel, off in the engine when every tile has
  // taken what was redirected until then, then let go by the companion socket; frames that were still
  // being redirected meanwhile are discarded as `port_removed`. A further call ends a removal that
  // has not come to its end. On an error every port listed before is received as before.
  // With one tile the kernel has the list when this returns; with several, when each has come round.
  Status take_ports(std::span<const std::uint16_t> ports, std::vector<PortHold> holds) override;
  Result<std::vector<PortHold>> hold_ports(std::span<const std::uint16_t> added) const override;
  bool ports_settled() const override { return change_ == Change::kNone && !companion_->letting_go(); }
  // Both halves at once.
  Status set_ports(std::span<const std::uint16_t> ports) { return take_ports(ports, {}); }
  // The ports that were set last; a removed one may still arrive for some polls.
  std::vector<std::uint16_t> ports() const { return kernel_ports_.ports(); }

  // Each interface's program loaded anew, and then put in the running one's place without losing a frame or a
  // count. The first, which takes long, on any thread while no other does it; the second between two polls.
  // On an error the old ones run on, from that interface on.
  Result<std::vector<LoadedObject>> load_programs(Loader loader) const;
  Status swap_programs(std::vector<LoadedObject> fresh);
  // What is attached, as "12 on eth0", for each interface; as swap_programs().
  std::vector<std::string> program_ids() const;

  // With HostPolicy::kFollowed: puts a changed policy into force and says whether there was one. Never
  // blocks; cheap enough for each turn of an idle loop (one system call).
  Result<bool> refresh_policy(Nanoseconds now) override;

  const Umem& umem() const { return *umem_; }
  // On the interfaces in the order of their configuration.
  std::size_t interfaces() const { return attachments_.size(); }
  const ReceiverProgram& program(std::size_t interface = 0) const {
    return attachments_[interface]->program();
  }
  // Of the first interface.
  const ClassifierConfig& policy() const { return attachments_.front()->policy(); }
  const CompanionSocket& companion() const { return *companion_; }
  // Of the first tile; null with the kernel filter.
  ReturnPath* return_path() { return groups_.front()->return_path(); }
  std::uint32_t queues() const { return queues_; }  // with a socket, over all interfaces
  // Of each socket, as queues() counts them; from any thread.
  std::vector<QueueLoad> queue_loads() const;
  std::uint32_t net_tiles() const { return static_cast<std::uint32_t>(groups_.size()); }
  // What the n-th net tile polls, but for the first (n = 0), which polls this and has its group polled with
  // it. To be ended after this was detached, and before it goes away.
  QueueGroup& tile(std::size_t n) { return *groups_[n]; }

 private:
  // How far a change of ports or policy has come.
  enum class Change : std::uint8_t {
    kNone,
    kTilesLearn,  // posted to the tiles; the kernel is next
    kRingsDrain,  // in the kernel; what it redirected before is still to be taken
  };

  AfXdpReceiver() = default;

  // Queues of one interface, for one tile.
  struct Share {
    std::uint32_t first_queue;
    std::uint32_t queues;
    LifeSign life_sign;
  };

  Status open_attachments(const AfXdpConfig& config);
  Status open_memory(const AfXdpConfig& config);
  Status open_groups(const AfXdpConfig& config);
  Status open_group(const AfXdpConfig& config, Attachment& attachment, const Share& share);
  Nanoseconds oldest_sign_of_life() const;
  Status hold_added_ports(const PortList& wanted, std::vector<PortHold> holds);
  Status hold_port(std::uint16_t port, std::uint8_t place, std::vector<PortHold>& holds);
  // Engine first, kernel second: what the kernel takes every tile must know.
  Status begin_change();
  Status advance_change();
  Status finish_removal();
  bool tiles_heeded() const;
  Status post_to_tiles();

  Filter filter_ = Filter::kKernel;
  PortList engine_ports_;  // the kernel's, and those being removed
  PortList kernel_ports_;
  Change change_ = Change::kNone;
  Status broken_{};        // a change that failed between two polls; ends the receiver
  bool look_now_ = false;  // the companion socket may have something
  std::uint32_t polls_until_look_ = kPollsBetweenLooks;
  std::uint32_t queues_ = 0;
  CoarseClock clock_;
  // In this order, so that going away, after the destructor has detached, ends the tiles, then closes the
  // companion socket, then unmaps the frames and the programs' memory, which the tiles' clocks point into.
  std::vector<std::unique_ptr<Attachment>> attachments_;
  std::unique_ptr<Umem> umem_;
  std::unique_ptr<CompanionSocket> companion_;
  std::vector<std::unique_ptr<QueueGroup>> groups_;
  std::vector<Attachment*> attachment_of_;  // each group's
};

}  // namespace penstock
