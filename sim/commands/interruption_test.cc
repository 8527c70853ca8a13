// Signals to this process and to children: the first asks, the second ends.
#include "sim/commands/interruption.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include <gtest/gtest.h>

namespace penstock {
namespace {

// Without a limit: the test's own is Bazel's.
void wait_for(const std::stop_token& token) {
  std::mutex mutex;
  std::condition_variable_any told;
  std::unique_lock lock(mutex);
  told.wait(lock, token, [] { return false; });
}

TEST(Interruption, TellsWhichSignalCame) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const auto interruption = Interruption::watch("stopping");
    ASSERT_TRUE(interruption);
    EXPECT_EQ((*interruption)->signal(), 0);
    EXPECT_FALSE((*interruption)->token().stop_requested());
    ASSERT_EQ(kill(getpid(), number), 0);
    wait_for((*interruption)->token());
    EXPECT_EQ((*interruption)->signal(), number);
  }
}

TEST(Interruption, LeavesTheSignalsAsTheyWere) {
  sigset_t before, after;
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, nullptr, &before), 0);
  { const auto interruption = Interruption::watch("stopping"); }
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, nullptr, &after), 0);
  for (const int number : {SIGINT, SIGTERM, SIGHUP})
    EXPECT_EQ(sigismember(&after, number), sigismember(&before, number));
}

TEST(Interruption, TheSecondSignalEndsTheProcess) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto interruption = Interruption::watch("stopping");
    if (write(ready[1], "r", 1) != 1) _exit(1);
    wait_for((*interruption)->token());
    if (write(ready[1], "s", 1) != 1) _exit(1);
    for (;;)
      pause();
  }
  for (const char wanted : {'r', 's'}) {
    char told = 0;
    ASSERT_EQ(read(ready[0], &told, 1), 1);
    ASSERT_EQ(told, wanted);
    ASSERT_EQ(kill(child, SIGTERM), 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
  close(ready[0]);
  close(ready[1]);
}

}  // namespace
}  // namespace penstock
