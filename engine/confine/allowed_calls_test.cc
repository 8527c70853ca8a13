// The table itself, and the document that shows it.
#include "engine/confine/allowed_calls.h"

#include <sys/syscall.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(AllowedCalls, EachHasAReasonAndAName) {
  for (const AllowedCall& call : allowed_calls()) {
    EXPECT_NE(std::string(call.reason), "") << syscall_name(call.number);
    EXPECT_EQ(syscall_name(call.number).find(' '), std::string::npos) << syscall_name(call.number);
    EXPECT_EQ(call.rule.kind == ArgumentRule::Kind::kAny, std::string(call.rule.in_words).empty())
        << syscall_name(call.number);
  }
}

// In a list the first of a call decides: a second one would never be asked.
TEST(AllowedCalls, NoneIsTwiceInAList) {
  for (const Caller list : {Caller::kEngine, Caller::kTiles, Caller::kBroker}) {
    std::set<int> seen;
    for (const AllowedCall& call : allowed_calls()) {
      if (!is_of_list(call, list)) continue;
      EXPECT_TRUE(seen.insert(call.number).second) << syscall_name(call.number);
    }
  }
}

TEST(AllowedCalls, TheDocumentHasThemAll) {
  std::ostringstream text;
  text << std::ifstream("docs/confinement.md").rdbuf();
  EXPECT_NE(text.str().find(allowed_calls_table()), std::string::npos)
      << "docs/confinement.md should have this table:\n"
      << allowed_calls_table();
}

TEST(AllowedCalls, UnknownNumbersHaveAName) {
  EXPECT_EQ(syscall_name(__NR_openat), "openat");
  EXPECT_EQ(syscall_name(1'000'000), "system call 1000000");
}

}  // namespace
}  // namespace penstock
