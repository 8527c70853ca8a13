// [host] of a scenario file.
#include "sim/scenario/host_spec.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(HostSpec, WithoutTheTableThereIsNoTraffic) {
  TomlDocument document = *TomlDocument::parse("", "f");
  EXPECT_FALSE(read_host_spec(document.root().table("host")).any());
  EXPECT_TRUE(document.finish());
}

TEST(HostSpec, ReadsEverything) {
  TomlDocument document = *TomlDocument::parse(
      "[host]\npings = 9\ndownload_mb = 100\nupload_mb = 2\nmegabytes_per_second = 40\n"
      "neighbours = true\nsockets = true\n",
      "f");
  const HostTrafficConfig config = read_host_spec(document.root().table("host"));
  ASSERT_TRUE(document.finish());
  EXPECT_EQ(config.pings, 9u);
  EXPECT_EQ(config.download_bytes, 100'000'000u);
  EXPECT_EQ(config.upload_bytes, 2'000'000u);
  EXPECT_EQ(config.bytes_per_second, 40'000'000u);
  EXPECT_TRUE(config.neighbours);
  EXPECT_TRUE(config.sockets);
}

TEST(HostSpec, NamesMistakes) {
  TomlDocument document = *TomlDocument::parse("[host]\npings = -1\nping = 3\n", "f");
  read_host_spec(document.root().table("host"));
  const Status status = document.finish();
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().what.find("f:2:9"), std::string::npos) << status.error().what;
  EXPECT_NE(status.error().what.find("did you mean 'pings'?"), std::string::npos) << status.error().what;
}

}  // namespace
}  // namespace penstock
