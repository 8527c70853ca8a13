// One thread of a child stands while the other goes on.
#include "engine/testing/thread_stall.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <new>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

namespace penstock {
namespace {

// Two threads, each counting up in memory that the test shares with them.
struct Counts {
  std::atomic<std::uint64_t> first{0};
  std::atomic<std::uint64_t> second{0};
};

[[noreturn]] void count_up(std::atomic<std::uint64_t>& count, const char* name) {
  pthread_setname_np(pthread_self(), name);
  for (;;) {
    ++count;
    usleep(100);
  }
}

class ThreadStallTest : public ::testing::Test {
 protected:
  void SetUp() override {
    void* memory = mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    counts_ = new (memory) Counts;
    child_ = fork();
    ASSERT_GE(child_, 0);
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      std::thread other([this] { count_up(counts_->second, "second"); });
      count_up(counts_->first, "first");
    }
    EXPECT_TRUE(grows(counts_->first));
    EXPECT_TRUE(grows(counts_->second));
  }

  void TearDown() override {
    kill(child_, SIGKILL);
    EXPECT_EQ(waitpid(child_, nullptr, 0), child_);
    munmap(counts_, sizeof(Counts));
  }

  // Waits for as long as it takes on a busy machine.
  static bool grows(const std::atomic<std::uint64_t>& count) {
    const std::uint64_t before = count;
    for (int i = 0; i < 20'000 && count == before; ++i)
      usleep(1000);
    return count != before;
  }

  Counts* counts_ = nullptr;
  pid_t child_ = 0;
};

TEST_F(ThreadStallTest, StopsOneThreadUntilItEnds) {
  {
    const auto stall = ThreadStall::begin(child_, "second");
    ASSERT_TRUE(stall) << stall.error().message();
    const std::uint64_t second = counts_->second;
    for (int i = 0; i < 20; ++i)
      EXPECT_TRUE(grows(counts_->first));
    EXPECT_EQ(counts_->second, second);
  }
  EXPECT_TRUE(grows(counts_->second));
}

TEST_F(ThreadStallTest, EndsWithTheThreadThatBeganIt) {
  std::optional<ThreadStall> outlives_it;  // as if nobody had come to end it
  std::thread([&] {
    auto stall = ThreadStall::begin(child_, "second");
    ASSERT_TRUE(stall) << stall.error().message();
    outlives_it.emplace(std::move(*stall));
  }).join();
  EXPECT_TRUE(grows(counts_->second));
}

TEST_F(ThreadStallTest, NamesAThreadThatIsNotThere) {
  const auto stall = ThreadStall::begin(child_, "third");
  ASSERT_FALSE(stall);
  EXPECT_EQ(stall.error().code, ESRCH);
  EXPECT_NE(stall.error().what.find("third"), std::string::npos);
}

TEST_F(ThreadStallTest, ToleratesAThreadThatIsKilledMeanwhile) {
  auto stall = ThreadStall::begin(child_, "second");
  ASSERT_TRUE(stall) << stall.error().message();
  ASSERT_EQ(kill(child_, SIGKILL), 0);
  stall->end();
}

}  // namespace
}  // namespace penstock
