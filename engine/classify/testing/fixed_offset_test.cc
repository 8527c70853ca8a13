// Proof 5: which frames a filter at fixed offsets gets wrong, over the rows that judge the classifier. The
// table in docs/classifier.md is made here and compared: `bazel run
// //engine/classify/testing:fixed_offset_test -- --update` writes it anew.
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/classify/testing/fixed_offset_filter.h"
#include "engine/classify/testing/frame_rows.h"
#include "engine/classify/testing/option_rows.h"
#include "engine/metrics/counters.h"

namespace penstock {
namespace {

constexpr const char* kFile = "docs/classifier.md";
constexpr std::string_view kBegin = "<!-- fixed offsets: begin -->\n";
constexpr std::string_view kEnd = "<!-- fixed offsets: end -->\n";
bool update = false;

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

std::string read(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Where the table stands in the page, between its two marks.
std::pair<std::size_t, std::size_t> table_place(const std::string& page) {
  const std::size_t begin = page.find(kBegin), end = page.find(kEnd);
  if (begin == std::string::npos || end == std::string::npos) return {0, 0};
  return {begin + kBegin.size(), end};
}

TEST(FixedOffsets, TheDocumentedTableIsWhatTheModelDoes) {
  if (update) {
    const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
    ASSERT_NE(workspace, nullptr) << "--update works under `bazel run` only";
    const std::string path = std::string(workspace) + "/" + kFile;
    std::string page = read(path);
    const auto [begin, end] = table_place(page);
    ASSERT_GT(end, 0u) << kFile << " has no marks for the table";
    std::ofstream out(path);
    out << page.replace(begin, end - begin, expected_table());
    ASSERT_TRUE(out.good());
    return;
  }
  const std::string page = read(kFile);
  const auto [begin, end] = table_place(page);
  ASSERT_GT(end, 0u) << kFile << " has no marks for the table";
  EXPECT_EQ(page.substr(begin, end - begin), expected_table())
      << "run: bazel run //engine/classify/testing:fixed_offset_test -- --update";
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

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  penstock::update = argc > 1 && std::strcmp(argv[1], "--update") == 0;
  return RUN_ALL_TESTS();
}
