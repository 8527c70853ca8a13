// Self-checking payloads from one producer to a consumer that is lapped again and again: between two
// threads, and between two processes over a shared mapping. Every copy that the recheck lets through is
// whole; without the recheck torn copies are seen, or this test would prove nothing.
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <functional>
#include <new>
#include <thread>

#include <gtest/gtest.h>

#include "engine/mcache/copy.h"
#include "engine/mcache/mcache.h"

namespace penstock {
namespace {

constexpr std::size_t kDepth = 64;
constexpr std::size_t kSpare = 4;    // frames of the "fill ring": a displaced frame is filled again very soon
constexpr std::size_t kWords = 160;  // 1,280 bytes
constexpr std::uint64_t kPolls = 3'000;

struct Meta {
  std::uint64_t frame, number, check;
};

using Payload = std::array<std::uint64_t, kWords>;

Payload payload_of(std::uint64_t number) {
  Payload payload;
  for (std::size_t i = 0; i < kWords; ++i)
    payload[i] = number * 0x9e3779b97f4a7c15u + i;
  return payload;
}

// What both sides share; lines first, as they would lie in a region of their own.
struct Shared {
  std::array<McacheLine, kDepth> lines;
  std::array<Payload, kDepth + kSpare> frames;
  Fseq fseq;
  std::atomic<std::uint64_t> published{0};
  std::atomic<bool> stop{false};
};

class SharedMapping {
 public:
  SharedMapping() {
    void* area = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    PENSTOCK_CHECK(area != MAP_FAILED);
    shared_ = new (area) Shared;
  }
  ~SharedMapping() { munmap(shared_, sizeof(Shared)); }
  SharedMapping(const SharedMapping&) = delete;
  SharedMapping& operator=(const SharedMapping&) = delete;
  Shared& operator*() const { return *shared_; }

 private:
  Shared* shared_;
};

McacheProducer<Meta> make_producer(Shared& shared) {
  return {shared.lines, [](std::uint64_t i) { return Meta{i, 0, 0}; }};
}

void produce(Shared& shared, McacheProducer<Meta> producer) {
  std::array<std::uint64_t, kSpare> free;
  for (std::size_t i = 0; i < kSpare; ++i)
    free[i] = kDepth + i;
  for (std::uint64_t number = 0; !shared.stop.load(std::memory_order_relaxed); ++number) {
    std::uint64_t& slot = free[number % kSpare];
    const Payload payload = payload_of(number);
    overwrite_frame(reinterpret_cast<std::byte*>(shared.frames[slot].data()),
                    std::as_bytes(std::span(payload)));
    slot = producer.publish({slot, number, ~number}).frame;
    shared.published.store(producer.next(), std::memory_order_relaxed);
  }
}

struct Tally {
  std::uint64_t accepted = 0, torn = 0, lapped = 0;
};

// Waits, in the middle of a copy, until the producer has filled the frame under it anew.
void wait_to_be_lapped(const Shared& shared, std::uint64_t number) {
  while (shared.published.load(std::memory_order_relaxed) < number + kDepth + 2 * kSpare)
    sched_yield();
}

Tally consume(Shared& shared, McacheConsumer<Meta>& consumer, bool recheck) {
  alignas(8) std::array<std::byte, sizeof(Payload)> first, second;
  Tally tally;
  Meta meta;
  for (std::uint64_t polls = 0; polls < kPolls;) {
    if (!consumer.poll(meta)) {
      sched_yield();
      continue;
    }
    ++polls;
    // Metadata that the recheck will refuse may name anything: never index by it unchecked.
    const auto frame = std::as_bytes(std::span(shared.frames[meta.frame % shared.frames.size()]));
    const std::size_t half = frame.size() / 2;
    copy_speculatively(frame.first(half), first);
    if (polls % 16 == 0) {
      wait_to_be_lapped(shared, meta.number);
      ++tally.lapped;
    }
    copy_speculatively(frame.subspan(half), second);
    if (!consumer.accept() && recheck) continue;
    ++tally.accepted;
    if (meta.check != ~meta.number) ++tally.torn;
    const Payload expected = payload_of(meta.number);
    const auto* bytes = reinterpret_cast<const std::byte*>(expected.data());
    if (std::memcmp(first.data(), bytes, half) != 0 || std::memcmp(second.data(), bytes + half, half) != 0)
      ++tally.torn;
  }
  return tally;
}

// Torn metadata or bytes are no failure as long as accept() refuses them. Lost and accepted together
// are all that was passed over.
void expect_whole_and_exact(const Tally& tally, const McacheConsumer<Meta>& consumer) {
  EXPECT_EQ(tally.torn, 0u);
  EXPECT_GT(tally.lapped, 0u);
  EXPECT_GE(consumer.lost(), tally.lapped);
  EXPECT_EQ(tally.accepted + consumer.lost(), consumer.next());
}

TEST(McacheStress, BetweenThreadsOnlyWholeFragsAreAccepted) {
  const SharedMapping mapping;
  Shared& shared = *mapping;
  std::thread producer(produce, std::ref(shared), make_producer(shared));
  McacheConsumer<Meta> consumer(shared.lines, shared.fseq);
  const Tally tally = consume(shared, consumer, true);
  shared.stop = true;
  producer.join();
  expect_whole_and_exact(tally, consumer);
}

TEST(McacheStress, WithoutTheRecheckTornCopiesAreSeen) {
  const SharedMapping mapping;
  Shared& shared = *mapping;
  std::thread producer(produce, std::ref(shared), make_producer(shared));
  McacheConsumer<Meta> consumer(shared.lines, shared.fseq);
  const Tally tally = consume(shared, consumer, false);
  shared.stop = true;
  producer.join();
  EXPECT_GE(tally.torn, tally.lapped);
  EXPECT_GT(tally.lapped, 0u);
}

TEST(McacheStress, BetweenProcessesOnlyWholeFragsAreAccepted) {
  const SharedMapping mapping;
  Shared& shared = *mapping;
  const McacheProducer<Meta> producer = make_producer(shared);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    produce(shared, producer);
    _exit(0);
  }
  McacheConsumer<Meta> consumer(shared.lines, shared.fseq);
  const Tally tally = consume(shared, consumer, true);
  consumer.show();
  shared.stop = true;
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  expect_whole_and_exact(tally, consumer);
  EXPECT_EQ(shared.fseq.lost.load(), consumer.lost());
}

}  // namespace
}  // namespace penstock
