// Every outcome as a test case.
#include "sim/scenario/junit.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

RunResult some_result() {
  RunResult result;
  result.scenario = "s";
  result.topology = "veth";
  result.started = "2026-11-27T00:00:00Z";
  result.checks = {{"a", true, "fine"}, {"b", std::nullopt, "no tap"}, {"c", false, "1 < 2 & \"x\"\n"}};
  return result;
}

TEST(Junit, HasOneTestCaseACheck) {
  RunResult result = some_result();
  judge(result);
  EXPECT_EQ(to_junit(result),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites>\n"
            "  <testsuite name=\"s.veth\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\" "
            "timestamp=\"2026-11-27T00:00:00Z\">\n"
            "    <testcase classname=\"s.veth\" name=\"a\"/>\n"
            "    <testcase classname=\"s.veth\" name=\"b\">\n"
            "      <skipped message=\"no tap\"/>\n"
            "    </testcase>\n"
            "    <testcase classname=\"s.veth\" name=\"c\">\n"
            "      <failure message=\"1 &lt; 2 &amp; &quot;x&quot; \"/>\n"
            "    </testcase>\n"
            "  </testsuite>\n"
            "</testsuites>\n");
}

TEST(Junit, SaysWhyARunIsNoEvidence) {
  RunResult result = some_result();
  result.checks.pop_back();
  result.verdict = RunVerdict::kInvalid;
  result.reason = "the sender was late";
  EXPECT_NE(to_junit(result).find("name=\"run\">\n      <failure message=\"the sender was late\"/>"),
            std::string::npos);
  result.verdict = RunVerdict::kSkip;
  EXPECT_NE(to_junit(result).find("name=\"run\">\n      <skipped"), std::string::npos);
  result.verdict = RunVerdict::kPass;
  EXPECT_EQ(to_junit(result).find("name=\"run\""), std::string::npos);
}

TEST(Junit, SaysWhenItCannotBeWritten) {
  EXPECT_FALSE(write_junit(some_result(), "/proc/nowhere"));
}

}  // namespace
}  // namespace penstock
