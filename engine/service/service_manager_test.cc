// A datagram socket in the service manager's place.
#include "engine/service/service_manager.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "engine/service/testing/fake_manager.h"
#include "engine/testing/temporary_folder.h"

namespace penstock {
namespace {

TEST(ServiceManagerTest, WithoutOneNothingHappens) {
  ::setenv("WATCHDOG_USEC", "1000000", 1);
  ::unsetenv("NOTIFY_SOCKET");
  Result<ServiceManager> manager = ServiceManager::from_environment();
  ASSERT_TRUE(manager);
  EXPECT_FALSE(manager->present());
  EXPECT_TRUE(manager->tell("READY=1"));
  EXPECT_TRUE(manager->keep_alive(0));
  EXPECT_EQ(manager->watchdog(), 0);
}

TEST(ServiceManagerTest, TellsAnAbstractSocket) {
  const FakeManager fake;
  const Result<ServiceManager> manager = ServiceManager::from_environment();
  ASSERT_TRUE(manager) << manager.error().message();
  ASSERT_TRUE(manager->tell("READY=1\nSTATUS=well"));
  EXPECT_EQ(fake.heard(), "READY=1\nSTATUS=well");
}

TEST(ServiceManagerTest, TellsASocketOfTheFileSystem) {
  const TemporaryFolder folder("/tmp");  // TEST_TMPDIR is longer than a socket's name may be
  const std::string name = folder.path() / "notify";
  const FakeManager fake(name);
  const Result<ServiceManager> manager = ServiceManager::from_environment();
  ASSERT_TRUE(manager) << manager.error().message();
  EXPECT_TRUE(manager->tell("STOPPING=1"));
  EXPECT_EQ(fake.heard(), "STOPPING=1");
  std::filesystem::remove_all(folder.path());
  const Status gone = manager->tell("STATUS=anybody?");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ENOENT);
}

TEST(ServiceManagerTest, NoChildInheritsIt) {
  const FakeManager fake;
  ::setenv("WATCHDOG_USEC", "10", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  ASSERT_TRUE(ServiceManager::from_environment());
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
    EXPECT_EQ(::getenv(name), nullptr) << name;
}

TEST(ServiceManagerTest, KeepsAliveTwiceInTheWatchdogsTime) {
  const FakeManager fake;
  ::setenv("WATCHDOG_USEC", "10000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  Result<ServiceManager> manager = ServiceManager::from_environment();
  ASSERT_TRUE(manager) << manager.error().message();
  EXPECT_EQ(manager->watchdog(), 10 * kSecond);
  int told = 0;
  for (Nanoseconds now = kSecond; now <= 21 * kSecond; now += kSecond) {
    EXPECT_TRUE(manager->keep_alive(now));
    const std::string text = fake.heard();
    if (text.empty()) continue;
    EXPECT_EQ(text, "WATCHDOG=1");
    EXPECT_EQ(now % (5 * kSecond), kSecond);
    ++told;
  }
  EXPECT_EQ(told, 5);
}

TEST(ServiceManagerTest, TheWatchdogOfAnotherProcessIsNotOurs) {
  const FakeManager fake;
  ::setenv("WATCHDOG_USEC", "10000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid() + 1).c_str(), 1);
  Result<ServiceManager> manager = ServiceManager::from_environment();
  ASSERT_TRUE(manager);
  EXPECT_EQ(manager->watchdog(), 0);
  EXPECT_TRUE(manager->keep_alive(kSecond));
  EXPECT_EQ(fake.heard(), "");
}

TEST(ServiceManagerTest, AManagerThatDoesNotReadHoldsNobodyUp) {
  const FakeManager fake;
  const Result<ServiceManager> manager = ServiceManager::from_environment();
  ASSERT_TRUE(manager);
  Status told;
  for (int i = 0; i < 100'000 && told; ++i)  // until the socket's queue is full
    told = manager->tell("STATUS=still here");
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, EAGAIN);
}

TEST(ServiceManagerTest, RefusesWhatCannotBe) {
  const auto refused = [](const char* name, const std::string& value) {
    ::setenv("NOTIFY_SOCKET", "@somebody", 1);
    ::setenv(name, value.c_str(), 1);
    const Result<ServiceManager> manager = ServiceManager::from_environment();
    return manager ? std::string() : manager.error().message();
  };
  EXPECT_NE(refused("NOTIFY_SOCKET", "vsock:2:1234").find("neither"), std::string::npos);
  EXPECT_NE(refused("NOTIFY_SOCKET", "/" + std::string(107, 'x')).find("longer"), std::string::npos);
  EXPECT_EQ(refused("NOTIFY_SOCKET", "/" + std::string(106, 'x')), "");
  EXPECT_NE(refused("WATCHDOG_USEC", "soon").find("not a number"), std::string::npos);
  EXPECT_NE(refused("WATCHDOG_USEC", "-1").find("not a number"), std::string::npos);
  EXPECT_NE(refused("WATCHDOG_USEC", "9223372036854775807").find("too long"), std::string::npos);
}

}  // namespace
}  // namespace penstock
