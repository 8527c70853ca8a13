// Programs that run beside the test: their end, signals, streams while they run. How they start is tested
// through subprocess_test.
#include "sim/topology/running_program.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace penstock {
namespace {

// The letter that /proc shows: R, S, T (stopped), Z.
char state_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t after_name = text.rfind(") ");
  return after_name == std::string::npos ? ' ' : text[after_name + 2];
}

void expect_state(pid_t pid, char state) {
  for (int i = 0; i < 5000 && state_of(pid) != state; ++i)
    usleep(1000);
  EXPECT_EQ(state_of(pid), state);
}

void expect_output(const RunningProgram& program, const std::string& text) {
  for (int i = 0; i < 5000 && program.out() != text; ++i)
    usleep(1000);
  EXPECT_EQ(program.out(), text);
}

TEST(RunningProgram, RunsBesideTheCallerAndShowsItsOutputSoFar) {
  auto program = RunningProgram::start({.arguments = {"sh", "-c", "echo first; exec sleep 600"}});
  ASSERT_TRUE(program) << program.error().message();
  expect_output(*program, "first\n");
  const auto output = program->wait(kMillisecond);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ETIMEDOUT);
  EXPECT_TRUE(program->is_running()) << "it goes on after a wait that was too short";
}

TEST(RunningProgram, GivesItsEnd) {
  auto program =
      RunningProgram::start({.arguments = {"sh", "-c", "cat; echo err >&2; exit 3"}, .input = "in"});
  ASSERT_TRUE(program) << program.error().message();
  const auto output = program->wait(10 * kSecond);
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->exit_status, 3);
  EXPECT_EQ(output->out, "in");
  EXPECT_EQ(output->err, "err\n");
  EXPECT_FALSE(program->is_running());
  EXPECT_EQ(program->signal(SIGCONT).error().code, ESRCH);
}

TEST(RunningProgram, StopsAndGoesOn) {
  auto program = RunningProgram::start({.arguments = {"sleep", "600"}});
  ASSERT_TRUE(program) << program.error().message();
  ASSERT_TRUE(program->signal(SIGSTOP));
  expect_state(program->pid(), 'T');
  ASSERT_TRUE(program->signal(SIGCONT));
  expect_state(program->pid(), 'S');
}

TEST(RunningProgram, IsKilledWithItsObject) {
  pid_t pid = 0;
  {
    auto program = RunningProgram::start({.arguments = {"sleep", "600"}});
    ASSERT_TRUE(program) << program.error().message();
    pid = program->pid();
    const RunningProgram moved(std::move(*program));
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_EQ(kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

}  // namespace
}  // namespace penstock
