// A running program is replaced: in one step, its maps kept, by either loader. Needs root.
#include <errno.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/xdp/receiver_program.h"
#include "engine/xdp/testing/veth_wire.h"
#include "engine/xdp/xdp_holder.h"
#include "engine/xsk/xsk_descriptor.h"

namespace penstock {
namespace {

constexpr int kReplacements = 12;
constexpr int kBatch = 64;           // a quarter of the ring of a veth: nothing is lost there
constexpr int kMostWaits = 200'000;  // of 100 us: a machine may stand still

class ReplaceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(program_) << program_.error().message();
    ASSERT_TRUE(socket_) << socket_.error().message();
    // Counts as taken what goes to it, although it is bound to nothing.
    ASSERT_TRUE(program_->set_socket(0, socket_->get()));
    ASSERT_TRUE(
        program_->attach(Filter::kKernel, testing::VethWire::kInterface, wire_.index(), AttachMode::kNative));
  }

  std::uint64_t taken() const {
    Counters counters;
    EXPECT_TRUE(program_->read_counts(counters));
    return counters.snapshot().get(Counter::kXdpRedirect);
  }
  // Until the program has taken so many, or long after it should have.
  bool wait_for_taken(std::uint64_t count) const {
    for (int i = 0; i < kMostWaits && taken() < count; ++i)
      usleep(100);
    return taken() == count;
  }
  void send(int count, const std::vector<std::byte>& frame = taken_frame(100)) {
    for (int i = 0; i < count; ++i)
      wire_.send(frame);
    sent_ += static_cast<std::uint64_t>(count);
  }
  std::uint32_t attached_id() const {
    const auto holders = xdp_holders(wire_.index());
    return holders.size() == 1 ? holders[0].program_id : 0;
  }

  testing::VethWire wire_;
  Result<ReceiverProgram> program_ = ReceiverProgram::load(*Classifier::create(row_classifier()));
  Result<UniqueFd> socket_ = open_xsk();
  std::uint64_t sent_ = 0;
};

TEST_F(ReplaceTest, LosesNoFrameAndNoCountWhileTrafficFlows) {
  const std::uint32_t first = attached_id();
  std::atomic<int> done{0};
  std::atomic<bool> failed{false};
  std::thread replacer([&] {
    for (int i = 0; i < kReplacements && !failed; ++i) {
      const Loader loader = i % 2 == 0 ? Loader::kDirect : Loader::kLibbpf;
      if (const Status s = program_->replace(Filter::kKernel, loader); !s) {
        ADD_FAILURE() << s.error().message();
        failed = true;
      }
      ++done;
    }
  });
  // Each replacement has traffic before it, beside it and behind it.
  while (done < kReplacements && !failed) {
    send(kBatch);
    if (!wait_for_taken(sent_)) failed = true;
  }
  replacer.join();
  send(kBatch);
  EXPECT_TRUE(wait_for_taken(sent_)) << taken() << " of " << sent_;
  EXPECT_FALSE(failed);
  EXPECT_NE(attached_id(), first);
}

TEST_F(ReplaceTest, LetsTheOldProgramGo) {
  const std::uint32_t old = attached_id();
  ASSERT_NE(old, 0U);
  ASSERT_TRUE(program_->replace(Filter::kKernel, Loader::kDirect));
  EXPECT_NE(attached_id(), old);
  bool gone = false;
  for (int i = 0; i < kMostWaits && !gone; ++i) {  // the kernel frees it a grace period later
    const UniqueFd fd(bpf_prog_get_fd_by_id(old));
    gone = !fd && errno == ENOENT;
    if (!gone) usleep(100);
  }
  EXPECT_TRUE(gone);
}

TEST_F(ReplaceTest, ChangesTheFilter) {
  const std::vector<std::byte> foreign(100);  // of no protocol: only take_all takes it
  send(1, foreign);
  send(1);
  EXPECT_TRUE(wait_for_taken(1));
  program_->net_clock().excuse();
  ASSERT_TRUE(program_->replace(Filter::kUserspace, Loader::kDirect));
  send(1, foreign);
  EXPECT_TRUE(wait_for_taken(2));
  ASSERT_TRUE(program_->replace(Filter::kKernel, Loader::kLibbpf));
  send(1, foreign);
  send(1);
  EXPECT_TRUE(wait_for_taken(3));
}

TEST_F(ReplaceTest, LeavesAloneWhatAnotherProcessPutIntoTheLink) {
  auto other = ReceiverProgram::load(*Classifier::create(row_classifier()));
  ASSERT_TRUE(other) << other.error().message();
  const UniqueFd link(bpf_link_get_fd_by_id(xdp_holders(wire_.index()).at(0).link_id));
  ASSERT_EQ(bpf_link_update(link.get(), other->program_fd(Filter::kKernel), nullptr), 0);
  const std::uint32_t theirs = attached_id();
  const Status refused = program_->replace(Filter::kKernel, Loader::kDirect);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().fix.find("another process"), std::string::npos) << refused.error().message();
  EXPECT_EQ(attached_id(), theirs);
}

}  // namespace
}  // namespace penstock
