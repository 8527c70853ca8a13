// Programs run to their end: streams, exit status, input, errors, and what they inherit.
#include "sim/topology/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(RunProgram, KeepsStreamsAndExitStatusApart) {
  const auto output = run_program({.arguments = {"sh", "-c", "echo out; echo err >&2; exit 3"}});
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->out, "out\n");
  EXPECT_EQ(output->err, "err\n");
  EXPECT_EQ(output->exit_status, 3);
}

TEST(RunProgram, PassesArgumentsWithoutAShell) {
  const auto output = run_program({.arguments = {"echo", "$HOME", "a b", "*"}});
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->out, "$HOME a b *\n");
}

TEST(RunProgram, CarriesMoreThanAPipeHoldsBothWays) {
  const std::string megabytes(3'000'000, 'x');
  const auto output = run_program({.arguments = {"cat"}, .input = megabytes});
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_TRUE(output->out == megabytes);
}

TEST(RunProgram, NamesAProgramThatDoesNotExist) {
  const auto output = run_program({.arguments = {"penstock-no-such-program"}});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ENOENT);
  EXPECT_NE(output.error().what.find("penstock-no-such-program"), std::string::npos);
}

TEST(RunProgram, TellsOfAFileThatIsNoProgram) {
  const auto output = run_program({.arguments = {"/dev/null"}});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, EACCES);
  EXPECT_NE(output.error().what.find("exec"), std::string::npos);
}

TEST(RunProgram, TellsOfANamespaceThatCannotBeEntered) {
  const int not_a_namespace = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const auto output = run_program({.arguments = {"true"}, .network_namespace = not_a_namespace});
  close(not_a_namespace);
  ASSERT_FALSE(output);
  EXPECT_NE(output.error().what.find("enter the network namespace"), std::string::npos);
}

TEST(RunProgram, KillsWhatTakesTooLong) {
  const auto output = run_program(
      {.arguments = {"sh", "-c", "echo started >&2; exec sleep 600"}, .timeout = 300 * kMillisecond});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ETIMEDOUT);
  EXPECT_NE(output.error().what.find("started"), std::string::npos);
}

TEST(RunProgram, NamesTheSignalThatEndedIt) {
  const auto output = run_program({.arguments = {"sh", "-c", "kill -SEGV $$"}});
  ASSERT_FALSE(output);
  EXPECT_NE(output.error().what.find("SIGSEGV"), std::string::npos) << output.error().message();
}

TEST(RunProgram, DoesNotWaitForAGrandchildThatKeepsTheStreams) {
  const auto output = run_program({.arguments = {"sh", "-c", "sleep 600 & echo $!"}});
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(kill(std::stoi(output->out), SIGKILL), 0);
}

TEST(RunProgram, LeavesOnlyTheStandardStreamsOpen) {
  const int leaky = open("/dev/null", O_RDONLY);  // without O_CLOEXEC, as some libraries do
  ASSERT_GE(leaky, 3);
  const auto output = run_program({.arguments = {"ls", "/proc/self/fd"}});
  close(leaky);
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->out, "0\n1\n2\n3\n");  // 3: ls reads the folder
}

TEST(RunProgram, DoesNotPassBlockedSignalsOn) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto output = run_program({.arguments = {"sh", "-c", "kill -TERM $$; sleep 600"}});
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_FALSE(output);
  EXPECT_NE(output.error().what.find("SIGTERM"), std::string::npos) << output.error().message();
}

TEST(RunProgram, DiesWithItsParent) {
  int report[2];
  ASSERT_EQ(pipe2(report, O_CLOEXEC), 0);
  const pid_t runner = fork();
  ASSERT_GE(runner, 0);
  if (runner == 0) {
    // The program tells its number through a file that outlives both.
    const std::string tell = "echo $$ > /proc/" + std::to_string(getppid()) + "/fd/" +
                             std::to_string(report[1]) + "; exec sleep 600";
    (void)run_program({.arguments = {"sh", "-c", tell}, .timeout = 600 * kSecond});
    _exit(0);
  }
  char text[32] = {};
  ASSERT_GT(read(report[0], text, sizeof(text) - 1), 0);
  const pid_t program = std::stoi(text);
  // Orphans become children of this process, so that the end can be waited for.
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  ASSERT_EQ(kill(runner, SIGKILL), 0);
  ASSERT_EQ(waitpid(runner, nullptr, 0), runner);
  int status = 0;
  ASSERT_EQ(waitpid(program, &status, 0), program);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  close(report[0]);
  close(report[1]);
}

TEST(CheckProgram, MakesAnErrorOfABadStatusWithCommandAndStderr) {
  const auto output = check_program({.arguments = {"sh", "-c", "echo the reason >&2; exit 7"}});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().what, "run sh -c echo the reason >&2; exit 7: exit status 7: the reason");
}

TEST(CheckProgram, GivesStdout) {
  const auto output = check_program({.arguments = {"printf", "%s", "x"}});
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(*output, "x");
}

}  // namespace
}  // namespace penstock
