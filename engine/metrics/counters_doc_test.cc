// docs/counters.md is the counter table in words. This test writes it anew from the table and fails
// when the file differs. To bring the file up to date: `bazel run //engine/metrics:counters_doc_test --
// --update`.
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "engine/metrics/counters.h"
#include "engine/metrics/engine_facts.h"
#include "engine/testing/generated_page.h"

namespace penstock {
namespace {

const char* unit_name(CounterUnit unit) {
  switch (unit) {
    case CounterUnit::kFrames:
      return "frames";
    case CounterUnit::kBytes:
      return "bytes";
    case CounterUnit::kCalls:
      return "calls";
    case CounterUnit::kShreds:
      return "shreds";
    case CounterUnit::kSets:
      return "FEC sets";
    case CounterUnit::kTimes:
      return "times";
  }
  return "";
}

std::string expected_text() {
  std::ostringstream out;
  out << "# Counters\n\n"
         "Everything that the receiver counts, from the one table in `engine/metrics/counter_table.h`. "
         "Exported "
         "to\n"
         "Prometheus as `penstock_NAME_total`. This page is made by `//engine/metrics:counters_doc_test`, "
         "which fails\n"
         "when it is out of date.\n\n"
         "| counter | label | unit | what it counts |\n|---|---|---|---|\n";
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    const CounterInfo& info = counter_info(static_cast<Counter>(i));
    out << "| `" << info.name << "` | " << label_name(info.label) << " | " << unit_name(info.unit) << " | "
        << info.help << " |\n";
  }
  out << "\n## Facts\n\n"
         "Beside the counters on the same page, from the table in `engine/metrics/engine_facts.h`.\n\n"
         "| name | type | labels | what it says |\n|---|---|---|---|\n";
#define X(name, type, labels, help) out << "| `penstock_" name "` | " type " | " labels " | " help " |\n";
  PENSTOCK_FACTS(X)
#undef X
  out << "\n## Reasons of the classifier\n\n"
         "In the order of the checks: the first that applies is the frame's reason.\n\n| reason | meaning "
         "|\n|---|---|\n";
#define X(id, name, help) out << "| `" << (name) << "` | " << (help) << " |\n";
  PENSTOCK_REASONS(X)
  out << "\n## Reasons for discarding\n\n| reason | meaning |\n|---|---|\n";
  PENSTOCK_DISCARD_REASONS(X)
  out << "\n## Reasons of the shred stage\n\n"
         "Of `shred_discarded`, in the order of the checks: cheap ones first. `strict_N` is rule N of "
         "SIMD-0504. The "
         "account of\nthe stage, at any time:\n\n"
         "    shred_consumed = shred_accepted + shred_duplicate + shred_late + sum of shred_discarded\n"
         "                   + (shred_held - shred_released)\n"
         "    fec_sets_opened = fec_sets_finished + fec_sets_failed + fec_sets_dropped + sets open now\n\n"
         "| reason | meaning |\n|---|---|\n";
  PENSTOCK_REJECT_REASONS(X)
#undef X
  return out.str();
}

TEST(CountersDoc, IsWhatTheTableSays) {
  testing::expect_page("docs/counters.md", expected_text(), "//engine/metrics:counters_doc_test");
}

}  // namespace
}  // namespace penstock
