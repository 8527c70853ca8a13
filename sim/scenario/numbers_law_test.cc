// Law 1 of a numbered workload: seen to fail when a number is missing, comes twice, or nobody counted.
#include <gtest/gtest.h>

#include "sim/scenario/laws.h"
#include "sim/workload/generator.h"
#include "sim/workload/ledger.h"
#include "sim/workload/sequence.h"

namespace penstock {
namespace {

TEST(NumbersLaw, EveryNumberThatIsOursCameOnceAndNoOther) {
  auto generated =
      generate_unsigned({.profile = find_profile("first-light").value(),
                         .seed = 3,
                         .link = {.receiver_mac = {{2, 0, 0, 0, 0, 2}}, .receiver = {{10, 0, 0, 2}}},
                         .tvu_port = 8003});
  ASSERT_TRUE(generated);
  Workload& workload = generated->workload;
  ASSERT_GT(number_datagrams(workload), 1'600u);
  const Oracle oracle = oracle_of(workload);
  const SequenceTally expected = expected_sequence(workload, oracle, true, 1'472).value();
  PathRun run;
  run.result.path = "kernel_filter";
  const auto verdict = [&] {
    const std::vector<Check> checks = check_numbers(run, expected);
    EXPECT_EQ(checks.at(0).name, "kernel_filter.same_meaning");
    return checks.at(0).pass;
  };
  EXPECT_EQ(verdict(), false) << "nobody counted";
  run.numbers.emplace(workload.frames().size());
  EXPECT_EQ(verdict(), false) << "nothing came";
  Judgement last;
  for (const TimedFrame& frame : workload.frames()) {
    const Judgement judgement = oracle.judge(frame.bytes);
    if (judgement.fate != Fate::kFast) continue;
    run.numbers->add(judgement.payload);
    last = judgement;
  }
  EXPECT_EQ(verdict(), true);
  run.numbers->add(last.payload);
  EXPECT_EQ(verdict(), false) << "one came twice";
}

}  // namespace
}  // namespace penstock
