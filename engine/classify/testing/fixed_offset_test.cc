// Proof 5: which frames a filter at fixed offsets gets wrong, over the rows that judge the classifier. The
// table in docs/classifier.md is made here and compared: `bazel run
// //engine/classify/testing:fixed_offset_test -- --update` writes it anew.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/classify/testing/fixed_offset_filter.h"
#include "engine/classify/testing/frame_rows.h"
#include "engine/classify/testing/option_rows.h"
#include "engine/metrics/counters.h"
#include "engine/testing/generated_page.h"

namespace penstock {
namespace {

constexpr const char* kFile = "docs/classifier.md";
constexpr std::string_view kBegin = "<!-- fixed offsets: begin -->\n";
constexpr std::string_view kEnd = "<!-- fixed offsets: end -->\n";

enum class Mistake { kTakenWrongly, kMissed, kPayloadTooLong };

// Frames by mistake and by the classifier's reason.
using Mistakes = std::map<std::pair<Mistake, penstock_reason>, std::vector<std::string>>;

// What a UDP socket is given without any option of the classifier, and of the option rows what is taken by
// an option: a priority tag, IPv6.
Mistakes find_mistakes() {
  Mistakes mistakes;
  const auto judge = [&](const FrameRow& row, const ClassifierConfig& config) {
    const auto payload = fixed_offset_payload(row.frame, config.ports);
    if (row.reason == PENSTOCK_TAKEN && !payload) {
      mistakes[{Mistake::kMissed, row.reason}].push_back(row.name);
    } else if (row.reason == PENSTOCK_TAKEN && payload->size() != row.payload_bytes) {
      mistakes[{Mistake::kPayloadTooLong, row.reason}].push_back(row.name);
    } else if (row.reason != PENSTOCK_TAKEN && payload) {
      mistakes[{Mistake::kTakenWrongly, row.reason}].push_back(row.name);
    }
  };
  for (const FrameRow& row : frame_rows())
    judge(row, row_classifier());
  for (const FrameRow& row : option_rows()) {
    if (row.reason == PENSTOCK_TAKEN && row.name.find("checksum over") == std::string::npos)
      judge(row, option_classifier());
  }
  return mistakes;
}

std::string_view words(Mistake mistake) {
  switch (mistake) {
    case Mistake::kTakenWrongly:
      return "taken";
    case Mistake::kMissed:
      return "missed";
    case Mistake::kPayloadTooLong:
      return "taken, payload too long";
  }
  return "";
}

std::string expected_table() {
  std::string text = "| classifier | fixed offsets | frames |\n|---|---|---|\n";
  for (const auto& [key, names] : find_mistakes()) {
    const auto& [mistake, reason] = key;
    const std::string verdict =
        reason == PENSTOCK_TAKEN ? "take" : fmt::format("pass: `{}`", reason_name(reason));
    text += fmt::format("| {} | {} | {} |\n", verdict, words(mistake), fmt::join(names, "; "));
  }
  return text;
}

TEST(FixedOffsets, TheDocumentedTableIsWhatTheModelDoes) {
  std::string page = testing::page_text(kFile);
  const std::size_t begin = page.find(kBegin), end = page.find(kEnd);
  ASSERT_TRUE(begin != std::string::npos && end != std::string::npos)
      << kFile << " has no marks for the table";
  const std::size_t table = begin + kBegin.size();
  testing::expect_page(kFile, page.replace(table, end - table, expected_table()),
                       "//engine/classify/testing:fixed_offset_test");
}

// What makes it worth a table: it takes what is no UDP at all, and misses what a socket is given.
TEST(FixedOffsets, TakesWrongly) {
  const Mistakes mistakes = find_mistakes();
  for (const penstock_reason reason :
       {PENSTOCK_PROTOCOL, PENSTOCK_GRE, PENSTOCK_FRAGMENT, PENSTOCK_IP_CHECKSUM, PENSTOCK_UDP_LENGTH,
        PENSTOCK_DESTINATION, PENSTOCK_DESTINATION_MAC, PENSTOCK_ETHERTYPE})
    EXPECT_TRUE(mistakes.contains({Mistake::kTakenWrongly, reason})) << reason_name(reason);
  EXPECT_TRUE(mistakes.contains({Mistake::kMissed, PENSTOCK_TAKEN}));
  EXPECT_TRUE(mistakes.contains({Mistake::kPayloadTooLong, PENSTOCK_TAKEN}));
}

TEST(FixedOffsets, TakesAPlainDatagram) {
  const auto payload = fixed_offset_payload(taken_frame(100), row_classifier().ports);
  ASSERT_TRUE(payload);
  EXPECT_EQ(payload->size(), 100u);
  EXPECT_FALSE(fixed_offset_payload(std::vector<std::byte>(41), row_classifier().ports));
}

}  // namespace
}  // namespace penstock
