// Both ends of the control socket, and clients that mean no good.
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/unix_address.h"
#include "engine/control/control_client.h"
#include "engine/control/control_door.h"
#include "engine/testing/temporary_folder.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr Nanoseconds kLong = 100 * kSecond;

class ControlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto door = ControlDoor::open(path());
    ASSERT_TRUE(door) << door.error().message();
    door_.emplace(std::move(*door));
  }
  std::string path() const { return folder_ / "socket"; }

  UniqueFd connected() const {
    const auto address = UnixAddress::parse(path());
    UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    EXPECT_EQ(connect(fd.get(), address->get(), address->length), 0);
    return fd;
  }
  void tend() {
    door_->tend(now_, [this](std::string_view request) {
      asked_.emplace_back(request);
      return ControlAnswer{.done = request == "good", .text = "heard\nit\x1b[2J"};
    });
  }
  // As another process would, while this one tends.
  Result<ControlAnswer> ask(const std::string& request) {
    auto answer = std::async(std::launch::async, [&] { return ask_engine(path(), request, kLong); });
    while (answer.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready)
      tend();
    return answer.get();
  }

  const TemporaryFolder temporary_{"/tmp"};  // a socket's path is short
  const fs::path folder_ = temporary_.path();
  std::optional<ControlDoor> door_;
  std::vector<std::string> asked_;
  Nanoseconds now_ = 0;
};

TEST_F(ControlTest, ARequestIsServedAndItsAnswerIsPrintable) {
  const auto good = ask("good");
  ASSERT_TRUE(good) << good.error().message();
  EXPECT_TRUE(good->done);
  EXPECT_EQ(good->text, "heard\nit?[2J");
  const auto bad = ask("bad");
  ASSERT_TRUE(bad) << bad.error().message();
  EXPECT_FALSE(bad->done);
  EXPECT_EQ(asked_, (std::vector<std::string>{"good", "bad"}));
  EXPECT_EQ(door_->clients(), 0u);
}

TEST_F(ControlTest, TheFileIsItsOwnersAloneAndGoes) {
  struct stat file {};
  ASSERT_EQ(stat(path().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777u, 0600u);
  door_.reset();
  EXPECT_FALSE(fs::exists(path()));
  const auto nobody = ask_engine(path(), "good", kLong);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, ENOENT);
}

TEST_F(ControlTest, AFileThatAKilledEngineLeftIsReplacedAndALivingOnesIsNot) {
  const auto second = ControlDoor::open(path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, EADDRINUSE);
  const std::string left = folder_ / "left";
  {
    const auto address = UnixAddress::parse(left);
    const UniqueFd killed(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    ASSERT_EQ(bind(killed.get(), address->get(), address->length), 0);
  }
  EXPECT_TRUE(ControlDoor::open(left));
  EXPECT_FALSE(ControlDoor::open("@abstract"));
  EXPECT_FALSE(ControlDoor::open(folder_ / "nothing" / "socket"));
}

TEST_F(ControlTest, ALongRequestIsRefusedUnseen) {
  const UniqueFd client = connected();
  const std::string request(kMostRequest + 1, 'x');
  ASSERT_EQ(send(client.get(), request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  tend();
  std::string answer(kMostAnswer, '\0');
  ASSERT_GT(recv(client.get(), answer.data(), answer.size(), 0), 0);
  EXPECT_EQ(answer.find("-a request of 257 bytes"), 0u) << answer;
  EXPECT_EQ(asked_, std::vector<std::string>{});
}

TEST_F(ControlTest, WhoSaysNothingIsHungUpOnAndKeepsNobodyOut) {
  std::vector<UniqueFd> silent;
  for (std::size_t i = 0; i < ControlDoor::kMostClients; ++i)
    silent.push_back(connected());
  tend();
  EXPECT_EQ(door_->clients(), ControlDoor::kMostClients);
  silent.push_back(connected());  // one too many
  tend();
  char byte = 0;
  EXPECT_EQ(recv(silent.back().get(), &byte, 1, 0), 0) << "hung up on";
  now_ += ControlDoor::kPatience + 1;
  tend();
  EXPECT_EQ(door_->clients(), 0u);
  EXPECT_TRUE(ask("good"));
}

TEST_F(ControlTest, WhoGoesBeforeTheAnswerHurtsNobody) {
  {
    const UniqueFd client = connected();
    ASSERT_EQ(send(client.get(), "good", 4, 0), 4);
  }
  { const UniqueFd client = connected(); }
  tend();
  EXPECT_EQ(asked_, std::vector<std::string>{"good"});
  EXPECT_EQ(door_->clients(), 0u);
}

TEST_F(ControlTest, WhoGetsNoAnswerIsTold) {
  const auto answer = ask_engine(path(), "good", kMillisecond);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ETIMEDOUT);
}

}  // namespace
}  // namespace penstock
