// Messages over a real socket pair, whole, cut off and hostile.
#include "engine/privilege/message.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace penstock {
namespace {

class MessageTest : public ::testing::Test {
 protected:
  MessageTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
    here_ = UniqueFd(ends[0]);
    there_ = UniqueFd(ends[1]);
  }
  void send_bytes(const std::string& bytes) const {
    ASSERT_EQ(send(here_.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }

  UniqueFd here_, there_;
};

TEST_F(MessageTest, NumbersTextsAndDescriptorsArriveInTheirOrder) {
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  const UniqueFd read_end(pipe_ends[0]), write_end(pipe_ends[1]);
  MessageWriter message;
  message.number(7).text("eth0").descriptor(write_end.get()).number(0xffff'ffff).text("");
  ASSERT_TRUE(send_message(here_.get(), message));
  auto came = receive_message(there_.get());
  ASSERT_TRUE(came) << came.error().message();
  EXPECT_EQ(came->number(), 7u);
  EXPECT_EQ(came->text(), "eth0");
  EXPECT_EQ(came->number(), 0xffff'ffff);
  EXPECT_EQ(came->text(), "");
  const UniqueFd theirs = came->descriptor();
  ASSERT_TRUE(theirs);
  EXPECT_NE(theirs.get(), write_end.get());
  ASSERT_EQ(write(theirs.get(), "x", 1), 1);
  char got = 0;
  ASSERT_EQ(read(read_end.get(), &got, 1), 1);
  EXPECT_EQ(got, 'x');
  EXPECT_TRUE(came->good());
}

TEST_F(MessageTest, WhatIsNotThereIsNotRead) {
  ASSERT_TRUE(send_message(here_.get(), MessageWriter().number(1)));
  auto came = receive_message(there_.get());
  ASSERT_TRUE(came);
  EXPECT_EQ(came->number(), 1u);
  EXPECT_TRUE(came->good());
  EXPECT_EQ(came->number(), 0u);
  EXPECT_FALSE(came->good());
  EXPECT_EQ(came->text(), "");
  EXPECT_FALSE(came->descriptor());
}

TEST_F(MessageTest, ATextThatClaimsMoreThanThereIsIsNone) {
  send_bytes(std::string("\xff\xff\xff\xff") + "abc");
  auto came = receive_message(there_.get());
  ASSERT_TRUE(came);
  EXPECT_EQ(came->text(), "");
  EXPECT_FALSE(came->good());
}

TEST_F(MessageTest, AMessageThatIsTooLongIsRefused) {
  send_bytes(std::string(kMostMessageBytes + 1, 'x'));
  const auto came = receive_message(there_.get());
  ASSERT_FALSE(came);
  EXPECT_EQ(came.error().code, EMSGSIZE);
}

TEST_F(MessageTest, ALongTextIsCut) {
  ASSERT_TRUE(send_message(here_.get(), MessageWriter().text(std::string(2 * kMostText, 'v')).number(3)));
  auto came = receive_message(there_.get());
  ASSERT_TRUE(came);
  EXPECT_EQ(came->text().size(), kMostText);
  EXPECT_EQ(came->number(), 3u);
}

TEST_F(MessageTest, TheOtherSidesEndIsAnError) {
  here_.reset();
  const auto came = receive_message(there_.get());
  ASSERT_FALSE(came);
  EXPECT_EQ(came.error().code, EPIPE);
  const Status sent = send_message(there_.get(), MessageWriter().number(1));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, EPIPE);
}

TEST_F(MessageTest, AnErrorIsTheSameOnTheOtherSide) {
  MessageWriter message;
  write_error({"bind queue 3", EBUSY, "stop the other"}, message);
  ASSERT_TRUE(send_message(here_.get(), message));
  auto came = receive_message(there_.get());
  ASSERT_TRUE(came);
  const Error error = read_error(*came);
  EXPECT_EQ(error.what, "bind queue 3");
  EXPECT_EQ(error.code, EBUSY);
  EXPECT_EQ(error.fix, "stop the other");
}

}  // namespace
}  // namespace penstock
