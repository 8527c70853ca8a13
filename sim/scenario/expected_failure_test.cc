// Declared failures, enforced both ways.
#include "sim/scenario/expected_failure.h"

#include <string>

#include <gtest/gtest.h>

namespace penstock {
namespace {

RunResult some_result() {
  RunResult result;
  result.topology = "veth";
  result.checks = {
      {"loss", false, "12 frames lost"}, {"order", true, "fine"}, {"tap", std::nullopt, "no tap"}};
  return result;
}

// The verdict, and what the first failed check says, with one declaration in force.
std::string judged(const ExpectedFailure& declared) {
  RunResult result = some_result();
  enforce_expected_failures({&declared, 1}, result);
  judge(result);
  return result.verdict == RunVerdict::kPass ? "pass" : result.reason;
}

TEST(ExpectedFailure, ThatFailsAsDeclaredPasses) {
  EXPECT_EQ(judged({.check = "loss", .because = "small ring", .says = "12 frames"}), "pass");
  EXPECT_EQ(judged({.check = "loss", .because = "small ring"}), "pass");
  RunResult result = some_result();
  const ExpectedFailure declared{.check = "loss", .because = "small ring"};
  enforce_expected_failures({&declared, 1}, result);
  EXPECT_EQ(result.checks[0].detail, "fails as declared (small ring): 12 frames lost");
}

TEST(ExpectedFailure, ThatPassesFailsTheRun) {
  RunResult result = some_result();
  result.checks[0].pass = true;
  const ExpectedFailure declared{.check = "loss", .because = "small ring"};
  enforce_expected_failures({&declared, 1}, result);
  judge(result);
  EXPECT_EQ(result.reason, "loss: declared to fail (small ring), but passes: 12 frames lost");
}

TEST(ExpectedFailure, ThatFailsOtherwiseFailsTheRun) {
  EXPECT_EQ(judged({.check = "loss", .because = "small ring", .says = "13 frames"}),
            "loss: declared to fail with '13 frames', but fails otherwise: 12 frames lost");
}

TEST(ExpectedFailure, ThatIsNotCheckedFailsTheRun) {
  RunResult result = some_result();
  result.checks[0].pass = true;
  const ExpectedFailure declared[] = {{.check = "tap", .because = "x"}, {.check = "nothing", .because = "y"}};
  enforce_expected_failures(declared, result);
  EXPECT_EQ(result.checks[2].pass, false);
  EXPECT_EQ(result.checks[2].detail, "declared to fail (x), but not checked: no tap");
  ASSERT_EQ(result.checks.size(), 4u);
  EXPECT_EQ(result.checks[3].detail, "declared to fail (y), but there is no such check");
}

TEST(ExpectedFailure, OfAnotherTopologyIsPassedOver) {
  EXPECT_EQ(judged({.check = "loss", .because = "x", .topology = "ring"}), "loss: 12 frames lost");
  EXPECT_EQ(judged({.check = "loss", .because = "x", .topology = "veth"}), "pass");
}

TEST(ExpectedFailure, IsReadWithItsReason) {
  TomlDocument document = *TomlDocument::parse(
      "[[expected_failure]]\ncheck = \"a\"\nbecause = \"b\"\ntopology = \"ring\"\ncase = \"queues=4\"\nsays "
      "= \"s\"\n",
      "f");
  TomlReader root = document.root();
  const std::vector<ExpectedFailure> read = read_expected_failures(root);
  ASSERT_TRUE(document.finish());
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].check + read[0].because + read[0].says + read[0].topology + read[0].only,
            "absringqueues=4");
  TomlDocument bare = *TomlDocument::parse("[[expected_failure]]\ncheck = \"a\"\n", "f");
  TomlReader bare_root = bare.root();
  read_expected_failures(bare_root);
  EXPECT_EQ(bare.finish().error().what, "f:1:1: 'because' is missing in [expected_failure]");
}

}  // namespace
}  // namespace penstock
