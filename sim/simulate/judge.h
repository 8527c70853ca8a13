// Judges what comes out of the engine at either end: laws 1 and 2 of one simulated run, datagram by datagram.
//
// It knows every frame that came in, and decides by a second writing of the classifier's rules
// (engine/classify/testing/plain_model.h), not by the engine's:
//
//   delivered   the payload and the endpoints are those of a frame that came in, that is ours under the ports
//               that the engine lists, and that nothing else came of; in order within its queue
//   returned    the bytes of such a frame that was not ours at some time since it came; in order within its
//               queue
//   passed      by the program: of a frame for which it has a reason to (Excuse); in order within its queue
//
// A frame of which nothing came must have been lost under a name: lost() is held to the counters.
//
// Ownership: keeps copies of keys, not of frames. Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/classify/classifier.h"
#include "engine/receive/receiver.h"
#include "sim/simulate/plan.h"

namespace penstock {

// Why the XDP program may leave any frame to the host now, whoever's it is.
struct Excuse {
  bool detached = false;
  bool no_socket = false;  // in the slot of the frame's queue
  bool stalled = false;    // take_all: the engine may be taken for dead
};

class SimJudge {
 public:
  explicit SimJudge(Filter filter, penstock_scope scope, std::uint32_t queues, std::uint32_t max_payload);

  // The policies in force: `program` decides what passes, `engine` what is delivered and what returned.
  void set_program_ports(std::span<const std::uint16_t> ports);
  void set_engine_ports(std::span<const std::uint16_t> ports, std::span<const std::uint8_t> places);

  // A frame came in on a queue, and was not lost on the wire.
  void arrived(std::span<const std::byte> frame, std::uint32_t queue);

  // Each: what is wrong about it, or nothing.
  std::optional<std::string> delivered(const Frag& frag, std::span<const std::byte> payload);
  std::optional<std::string> returned(std::span<const std::byte> frame);
  std::optional<std::string> passed(std::span<const std::byte> frame, const Excuse& excuse);

  std::uint64_t count_arrived() const { return arrivals_.size(); }
  std::uint64_t count_delivered() const { return delivered_; }
  std::uint64_t count_returned() const { return returned_; }
  std::uint64_t count_passed() const { return passed_; }
  // Frames that came in and of which nothing came.
  std::uint64_t lost() const { return arrivals_.size() - delivered_ - returned_ - passed_; }

 private:
  enum class Channel : std::uint8_t { kDelivered, kReturned, kPassed };
  static constexpr std::size_t kChannels = 3;

  struct Arrival {
    std::uint32_t queue = 0;
    std::size_t engine = 0;  // which of engine_ was in force
    bool came_out = false;
  };
  using Index = std::unordered_map<std::uint64_t, std::vector<std::uint32_t>>;  // key: its arrivals

  // Takes the arrival of that key, if it has not come out yet and lies behind the last one of its queue that
  // came out by this channel. Equal ones cannot be told apart: they are counted, and held to no order.
  const Arrival* take(const Index& index, std::uint64_t key, Channel channel);
  // What take_all leaves to the host by its scope, or for want of room in a chunk.
  bool out_of_scope(std::span<const std::byte> frame) const;
  static std::string describe(std::span<const std::byte> frame);

  Filter filter_;
  penstock_scope scope_;
  std::uint32_t max_payload_;
  ClassifierConfig any_port_, program_;
  std::vector<ClassifierConfig> engine_;  // each that was in force, the present one last
  std::vector<std::uint8_t> places_;      // of its ports
  std::vector<Arrival> arrivals_;
  Index by_frame_, by_datagram_;
  std::vector<std::int64_t> last_[kChannels];  // by queue: the arrival that came out last
  std::uint64_t delivered_ = 0, returned_ = 0, passed_ = 0;
};

}  // namespace penstock
