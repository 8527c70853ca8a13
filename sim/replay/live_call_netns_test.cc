// The call of a live-frame sender: it ends when told to, and says why it ended by itself.
#include <errno.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "bpf/generator.h"
#include "bpf/generator.skel.h"
#include "sim/replay/live_call.h"

namespace penstock {
namespace {

TEST(LiveCall, EndsWhenItIsToldTo) {
  generator* skeleton = generator__open_and_load();
  ASSERT_NE(skeleton, nullptr);
  const int program = bpf_program__fd(skeleton->progs.generate);
  const std::vector<std::byte> page(60);
  // At once, so that the signal may come before the call; and when it has begun.
  for (int i = 0; i < 10; ++i) {
    LiveCall call({.program_fd = program, .page = page});
    EXPECT_TRUE(call.stop());
  }
  LiveCall call({.program_fd = program, .page = page});
  while (*const_cast<volatile __u64*>(&skeleton->bss->generators[0].finished) < 1'000)
    ASSERT_TRUE(call.running());
  EXPECT_TRUE(call.stop());
  EXPECT_FALSE(call.running());
  generator__destroy(skeleton);
}

TEST(LiveCall, ThatCannotBeMadeSaysWhy) {
  const std::vector<std::byte> page(60);
  LiveCall call({.program_fd = -1, .page = page});
  while (call.running())
    ::usleep(1'000);
  const Status stopped = call.stop();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, EBADF);
}

}  // namespace
}  // namespace penstock
