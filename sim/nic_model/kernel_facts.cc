// The scripts, and what each must see.
#include "sim/nic_model/kernel_facts.h"

#include <errno.h>

#include <atomic>
#include <concepts>
#include <initializer_list>

#include <fmt/format.h>

#include "engine/packet/frame_builder.h"

namespace penstock {
namespace {

constexpr std::size_t kShort = 100;
constexpr std::size_t kLongest = usable_frame_bytes(kDefaultFrameBytes);

struct Dropped {
  std::uint64_t rx_dropped = 0, rx_ring_full = 0, rx_fill_ring_empty_descs = 0;
};

constexpr std::uint64_t chunk(std::uint64_t number) {
  return number * kDefaultFrameBytes;
}

// A script's hands and pen. Nothing is noted without what it must be.
class Script {
 public:
  explicit Script(KernelStage& stage) : stage_(stage), first_fill_(load(stage.rings().fill.consumer)) {}

  void give(std::initializer_list<std::uint64_t> addresses) {
    for (const std::uint64_t address : addresses)
      stage_.fill().push(address);
    stage_.fill().submit();
  }
  void give_chunks(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t number = first; number <= last; ++number)
      give({chunk(number)});
  }
  void arrive(int frames, std::size_t bytes = kShort) {
    for (int i = 0; i < frames; ++i)
      stage_.arrive(bytes);
  }
  // One of each flow, and takes those that are received; how many.
  std::uint64_t arrive_of_each(std::uint16_t flows) {
    std::uint64_t received = 0;
    for (std::uint16_t flow = 0; flow < flows; ++flow) {
      if (stage_.fill().room(1) != 0 && given_ == taken_) give({chunk(given_++ % kStageFrames)});
      stage_.arrive_of(flow);
      const std::uint32_t count = stage_.rx().available(1);
      stage_.rx().pop(count);
      stage_.rx().release();
      received += count;
      taken_ += count;
    }
    return received;
  }
  int wake() { return stage_.wake(); }
  KernelStage& stage() { return stage_; }

  // Takes everything from the RX ring: frames at the start of these chunks, behind the headroom.
  void expect_received(const std::string& when, std::initializer_list<std::uint64_t> chunks) {
    const std::uint32_t count = stage_.rx().available(kStageRxEntries + 1);
    expect(when, "descriptors", count, chunks.size());
    std::uint32_t i = 0;
    for (const std::uint64_t number : chunks) {
      if (i == count) break;
      expect(when, "address of a descriptor", stage_.rx().peek(i++).addr, chunk(number) + kXdpHeadroom);
    }
    stage_.rx().pop(count);
    stage_.rx().release();
  }
  void expect_statistics(const std::string& when, const Dropped& wanted) {
    const xdp_statistics s = stage_.statistics();
    expect(when, "rx_dropped", s.rx_dropped, wanted.rx_dropped);
    expect(when, "rx_ring_full", s.rx_ring_full, wanted.rx_ring_full);
    expect(when, "rx_fill_ring_empty_descs", s.rx_fill_ring_empty_descs, wanted.rx_fill_ring_empty_descs);
    expect(when, "rx_invalid_descs", s.rx_invalid_descs, 0);
  }
  // How far the kernel shows that it has read the fill ring.
  void expect_fill_taken(const std::string& when, std::uint64_t wanted) {
    expect(when, "taken from the fill ring", load(stage_.rings().fill.consumer) - first_fill_, wanted);
  }
  void expect_no_flag(const std::string& when) {
    expect(when, "need_wakeup", stage_.fill().needs_wakeup() ? 1 : 0, 0);
  }
  template <std::integral Seen>
  void expect(const std::string& when, std::string_view what, Seen seen, std::uint64_t wanted) {
    seen_.push_back({fmt::format("{}: {}", when, what), static_cast<std::uint64_t>(seen), wanted});
  }

  std::vector<Observation> observations() && { return std::move(seen_); }

 private:
  static std::uint32_t load(std::uint32_t* index) {
    return std::atomic_ref(*index).load(std::memory_order_acquire);
  }

  KernelStage& stage_;
  std::uint32_t first_fill_;
  std::uint32_t given_ = 0, taken_ = 0;  // by arrive_of_each()
  std::vector<Observation> seen_;
};

void empty_fill_ring(Script& script) {
  script.arrive(3);
  script.expect_statistics("no frame given", {.rx_dropped = 3, .rx_fill_ring_empty_descs = 3});
  script.give_chunks(0, 1);
  script.arrive(5);
  script.expect_statistics("five for two", {.rx_dropped = 6, .rx_fill_ring_empty_descs = 6});
  script.expect_received("five for two", {0, 1});
  script.expect_fill_taken("five for two", 2);
}

// The chunk that was taken in vain is used first afterwards. The fill ring does not show that it was taken
// until a frame is received again.
void full_rx_ring(Script& script) {
  script.give_chunks(0, 7);
  script.arrive(7);
  script.expect_statistics("seven into four", {.rx_ring_full = 3});
  script.expect_fill_taken("seven into four", 4);
  script.expect_received("seven into four", {0, 1, 2, 3});
  script.arrive(2);
  script.expect_received("two more", {4, 5});
  script.expect_fill_taken("two more", 6);
  script.expect_statistics("two more", {.rx_ring_full = 3});
}

void need_wakeup(Script& script) {
  script.expect_no_flag("nothing given");
  script.arrive(1);
  script.expect_no_flag("fill ring empty");
  script.give_chunks(0, 4);
  script.expect_no_flag("frames given");
  script.arrive(5);
  script.expect_no_flag("RX ring full");
  script.expect("a wake-up", "errno", script.wake(), 0);
  script.expect_received("after it", {0, 1, 2, 3});
  script.arrive(1);
  script.expect_received("one more", {4});
}

void bad_fill_address(Script& script) {
  const std::uint64_t end = chunk(kStageFrames);
  script.give({end, chunk(5), end + (std::uint64_t{1} << 32), ~std::uint64_t{0}, chunk(6), end});
  script.arrive(2);
  script.expect_statistics("two good ones among bad", {});
  script.expect_received("two good ones among bad", {5, 6});
  script.expect_fill_taken("two good ones among bad", 5);
  script.arrive(1);
  script.expect_statistics("only a bad one left", {.rx_dropped = 1, .rx_fill_ring_empty_descs = 1});
  script.expect_fill_taken("only a bad one left", 6);
  script.give_chunks(7, 7);
  script.arrive(1);
  script.expect_received("a good one again", {7});
  script.expect_fill_taken("a good one again", 7);
}

void address_inside_a_chunk(Script& script) {
  script.give({chunk(3) + 256, chunk(4) + 2047, chunk(5) + 1});
  script.arrive(3);
  script.expect_received("addresses inside chunks", {3, 4, 5});
}

void frame_longer_than_a_chunk(Script& script) {
  script.arrive(1, kLongest + 1);
  script.expect_statistics("too long, and no frame given", {.rx_dropped = 1});
  script.give_chunks(0, 0);
  script.arrive(1, kLongest + 1);
  script.expect_statistics("too long", {.rx_dropped = 2});
  script.expect_fill_taken("too long", 0);
  script.arrive(1, kLongest);
  script.expect_received("just fits", {0});
}

// What the model's link is, to the calls at the seam and to the frames.
void interface_down(Script& script) {
  script.give_chunks(0, 3);
  script.arrive(1);
  script.expect_received("up", {0});
  script.stage().set_link(false);
  script.expect("down", "wake-up's errno", script.wake(), ENETDOWN);
  script.expect("down", "poll(2)", script.stage().poll_now(), 0);
  script.stage().send_in_vain();
  script.expect_received("down", {});
  script.expect_statistics("down", {});
  script.stage().set_link(true);
  script.expect("up again", "wake-up's errno", script.wake(), 0);
  script.arrive(1);
  script.expect_received("up again", {1});
  script.expect_fill_taken("up again", 2);
}

void second_socket(Script& script) {
  script.expect("a queue with a socket", "another's errno", script.stage().bind_another(), EBUSY);
  script.give_chunks(0, 0);
  script.arrive(1);
  script.expect_received("after it", {0});
}

void empty_slot(Script& script) {
  script.give_chunks(0, 1);
  script.stage().name_socket(false);
  script.arrive(2);
  script.expect("no socket in the slot", "passed", script.stage().passed(), 2);
  script.expect_received("no socket in the slot", {});
  script.expect_fill_taken("no socket in the slot", 0);
  script.stage().name_socket(true);
  script.arrive(1);
  script.expect("named again", "passed", script.stage().passed(), 2);
  script.expect_received("named again", {0});
}

// As many that they are in both of two queues: all in one has a chance of 2^-31, once for each boot.
constexpr std::uint16_t kFlows = 32;

void queue_with_a_socket_stays(Script& script) {
  script.expect("it would go", "errno", script.stage().set_queues(1), EINVAL);
  const std::uint64_t received = script.arrive_of_each(kFlows);
  script.expect("it stays", "some received", received > 0 ? 1 : 0, 1);
  script.expect("it stays", "the rest passed", script.stage().passed(), kFlows - received);
  script.expect("it stays", "some passed", received < kFlows ? 1 : 0, 1);
}

void frames_of_a_queue_that_went(Script& script) {
  const std::uint64_t received = script.arrive_of_each(kFlows);
  const std::uint64_t passed = script.stage().passed();
  script.expect("two queues", "some passed", passed > 0 ? 1 : 0, 1);
  script.expect("without the other", "errno", script.stage().set_queues(1), 0);
  script.expect("without the other", "received", script.arrive_of_each(kFlows), kFlows);
  script.expect("without the other", "passed", script.stage().passed(), passed);
  script.expect("two again", "errno", script.stage().set_queues(2), 0);
  script.expect("two again", "received", script.arrive_of_each(kFlows), received);
  script.expect("two again", "passed", script.stage().passed(), 2 * passed);
  script.expect_statistics("two again", {});
}

template <void (*script)(Script&)>
std::vector<Observation> run(KernelStage& stage) {
  Script hands(stage);
  script(hands);
  return std::move(hands).observations();
}

constexpr KernelFact kFacts[] = {
    {"EmptyFillRingCountsTwice", run<empty_fill_ring>},
    {"FullRxRingKeepsTheFrame", run<full_rx_ring>},
    {"CopyModeNeverAsksForAWakeup", run<need_wakeup>},
    {"BadFillAddressIsSkippedSilently", run<bad_fill_address>},
    {"FillAddressIsRoundedDownToItsChunk", run<address_inside_a_chunk>},
    {"FrameLongerThanAChunkIsDropped", run<frame_longer_than_a_chunk>},
    {"AnInterfaceThatIsDownIsToldByTheWakeupAlone", run<interface_down>},
    {"AQueueTakesOneSocket", run<second_socket>},
    {"AnEmptySlotPasses", run<empty_slot>},
    {"AQueueWithASocketCannotGo", run<queue_with_a_socket_stays>, {.queues = 2, .socket = 1}},
    {"FramesOfAQueueThatWentComeByAnother", run<frames_of_a_queue_that_went>, {.queues = 2, .socket = 0}},
};

}  // namespace

std::span<const KernelFact> kernel_facts() {
  return kFacts;
}

std::vector<std::byte> frame_of_flow(std::uint16_t flow) {
  FrameBuilder builder;
  return builder.add(EthernetHeader{.destination = {{2, 0, 0, 0, 0, 2}}, .source = {{2, 0, 0, 0, 0, 1}}})
      .add(Ipv4Header{.source = {{192, 0, 2, 1}}, .destination = {{192, 0, 2, 2}}})
      .add(UdpHeader{.source_port = static_cast<std::uint16_t>(1024 + flow), .destination_port = 8003})
      .pad_to(kShort)
      .build();
}

std::string wrong_in(std::span<const Observation> observations) {
  std::string text;
  for (const Observation& one : observations) {
    if (one.seen != one.expected) text += fmt::format("{} {}, not {}\n", one.what, one.seen, one.expected);
  }
  return text;
}

}  // namespace penstock
