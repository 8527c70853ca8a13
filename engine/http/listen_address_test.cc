// Both families there and back, and each mistake by its name.
#include "engine/http/listen_address.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(ListenAddress, ReadsAndWritesBothFamilies) {
  for (const char* text : {"127.0.0.1:9184", "0.0.0.0:0", "[::1]:9184", "[2001:db8::1]:65535"}) {
    const auto address = ListenAddress::parse(text);
    ASSERT_TRUE(address) << address.error().message();
    EXPECT_EQ(address->to_string(), text);
  }
}

TEST(ListenAddress, NamesTheMistake) {
  const struct {
    const char* text;
    const char* error;
  } rows[] = {
      {"127.0.0.1", "has no port"},  {"127.0.0.1:", "the port"},      {"127.0.0.1:65536", "the port"},
      {"127.0.0.1:91x", "the port"}, {"localhost:9184", "no IPv4"},   {"127.0.0:9184", "no IPv4"},
      {"::1:9184", "no IPv4"},       {"[127.0.0.1]:9184", "no IPv6"}, {":9184", "no IPv4"},
  };
  for (const auto& row : rows) {
    const auto address = ListenAddress::parse(row.text);
    ASSERT_FALSE(address) << row.text;
    EXPECT_NE(address.error().message().find(row.error), std::string::npos) << address.error().message();
    EXPECT_NE(address.error().message().find("127.0.0.1:9184"), std::string::npos) << "how to write it";
  }
}

}  // namespace
}  // namespace penstock
