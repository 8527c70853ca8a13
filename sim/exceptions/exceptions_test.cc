// The table of declared exceptions: reading it strictly, applying it, and that what it names is there.
#include "sim/exceptions/exceptions.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "engine/metrics/counters.h"

namespace penstock {
namespace {

constexpr const char* kRow = R"(
[[exception]]
id = "a"
when = ["udp_checksum_bad", "not verify_udp_checksum"]
oracle = "dropped"
kernel_filter = "delivered"
userspace_filter = "delivered"
io_uring = "dropped"
udp = "dropped"
counter = "xdp_redirect"
why = "w"
test = "//x:y A.b"
)";

// kRow with one line replaced.
std::string row_with(const std::string& key, const std::string& value) {
  std::istringstream lines(kRow);
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(key + " =")) line.replace(key.size() + 3, std::string::npos, value);
    text += line;
    text += '\n';
  }
  return text;
}

std::string error_of(const std::string& text) {
  const Result<ExceptionTable> table = ExceptionTable::parse(text, "t.toml");
  return table ? "" : table.error().message();
}

std::string file(const char* path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(ExceptionTable, ReadsARow) {
  const Result<ExceptionTable> table = ExceptionTable::parse(kRow, "t.toml");
  ASSERT_TRUE(table) << table.error().message();
  const DeclaredException* row = table->find("a");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->when_text(), "udp_checksum_bad, not verify_udp_checksum");
  EXPECT_EQ(row->oracle, Outcome::kDropped);
  EXPECT_EQ(row->paths.at("kernel_filter"), Outcome::kDelivered);
  EXPECT_EQ(row->test_label, "//x:y");
  EXPECT_EQ(row->test_name, "A.b");
  EXPECT_TRUE(row->applies({.udp_checksum_bad = true}));
  EXPECT_FALSE(row->applies({.udp_checksum_bad = true, .verify_udp_checksum = true}));
  EXPECT_FALSE(row->applies({}));
  EXPECT_EQ(table->find("b"), nullptr);
}

TEST(ExceptionTable, SaysWhatIsWrongWithARow) {
  EXPECT_NE(error_of(row_with("when", R"(["udp_checksum_bed"])")).find("did you mean 'udp_checksum_bad'"),
            std::string::npos);
  EXPECT_NE(error_of(row_with("when", "[]")).find("names no circumstance"), std::string::npos);
  EXPECT_NE(error_of(row_with("udp", R"("droppd")")).find("did you mean 'dropped'"), std::string::npos);
  EXPECT_NE(error_of(row_with("test", R"("somewhere")")).find("a Bazel label"), std::string::npos);
  EXPECT_NE(error_of(row_with("oracle", R"("dropped"
wy = 1)"))
                .find("did you mean 'why'"),
            std::string::npos);
  EXPECT_NE(error_of(std::string(kRow) + kRow).find("there twice"), std::string::npos);
  std::string same = kRow;
  for (std::size_t at = same.find("delivered"); at != std::string::npos; at = same.find("delivered"))
    same.replace(at, 9, "dropped");
  EXPECT_NE(error_of(same).find("no path does anything else"), std::string::npos);
  std::string without = row_with("counter", "");
  without.erase(without.find("counter"), without.find("why") - without.find("counter"));
  EXPECT_NE(error_of(without).find("t.toml:2:1: 'counter' is missing"), std::string::npos)
      << error_of(without);
}

// The declared rows, applied alone and one upon the other.
TEST(DeclaredExceptions, ApplyToWhatThoseBeforeMadeOfIt) {
  const ExceptionTable& table = ExceptionTable::declared();
  std::vector<const DeclaredException*> applied;
  EXPECT_EQ(table.outcome("kernel_filter", Outcome::kDelivered, {}, &applied), Outcome::kDelivered);
  EXPECT_EQ(table.outcome("kernel_filter", Outcome::kDropped, {}, &applied), Outcome::kDropped);
  EXPECT_TRUE(applied.empty()) << "nothing but the rows makes a difference";

  EXPECT_EQ(table.outcome("udp", Outcome::kDropped, {.udp_checksum_bad = true}), Outcome::kDropped);
  EXPECT_EQ(table.outcome("userspace_filter", Outcome::kDropped, {.udp_checksum_bad = true}, &applied),
            Outcome::kDelivered);
  ASSERT_EQ(applied.size(), 1u);
  EXPECT_EQ(applied[0]->id, "udp_checksum_bad");

  applied.clear();
  const Circumstances bad_and_long{.udp_checksum_bad = true, .payload_above_max = true};
  EXPECT_EQ(table.outcome("kernel_filter", Outcome::kDropped, bad_and_long, &applied), Outcome::kDiscarded);
  EXPECT_EQ(applied.size(), 2u);

  EXPECT_EQ(table.outcome("kernel_filter", Outcome::kDelivered, {.slow_way = true}), Outcome::kLate);
  EXPECT_EQ(table.outcome("kernel_filter", Outcome::kDelivered, {.slow_way = true, .companion_off = true}),
            Outcome::kRefused);
  EXPECT_EQ(table.outcome("kernel_filter", Outcome::kDropped, {.udp_checksum_bad = true, .slow_way = true}),
            Outcome::kDropped)
      << "the kernel verifies what takes the slow way";
}

// What a table of exceptions names must exist, or it describes some other program.
TEST(DeclaredExceptions, NameWhatIsThere) {
  const Result<ExceptionTable> table =
      ExceptionTable::parse(ExceptionTable::declared_text(), "bpf/exceptions.toml");
  ASSERT_TRUE(table) << table.error().message();
  ASSERT_FALSE(table->rows().empty());

  std::set<std::string> counters;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    const CounterInfo& info = counter_info(static_cast<Counter>(i));
    counters.insert(std::string(info.name));
    for (std::size_t value = 0; value < label_values(info.label); ++value)
      counters.insert(std::string(info.name) + "{" + label_value(info.label, value) + "}");
  }
  const std::string build = file("sim/exceptions/BUILD.bazel");
  const std::string tests = file("sim/exceptions/exceptions_netns_test.cc");
  for (const DeclaredException& row : table->rows()) {
    // Those of the kernel are held to it by the row's own test.
    const bool kernel = row.counter.find(':') != std::string::npos || row.counter.starts_with("Udp6");
    EXPECT_TRUE(kernel || counters.contains(row.counter)) << row.id << ": no counter " << row.counter;
    EXPECT_EQ(row.test_label, "//sim/exceptions:exceptions_netns_test") << row.id;
    EXPECT_NE(build.find("name = \"exceptions_netns_test\""), std::string::npos);
    EXPECT_EQ(row.test_name, "Exception." + row.id);
    EXPECT_NE(tests.find("TEST_F(Exception, " + row.id + ")"), std::string::npos) << row.id << " has no test";
    EXPECT_FALSE(row.why.empty()) << row.id;
  }
}

// Vocabulary that no row uses explains nothing.
TEST(DeclaredExceptions, UseEveryCircumstance) {
  for (const CircumstanceInfo& info : kCircumstances) {
    const auto& rows = ExceptionTable::declared().rows();
    EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [&](const DeclaredException& row) {
      return std::any_of(row.when.begin(), row.when.end(),
                         [&](const Condition& c) { return c.circumstance == &info; });
    })) << info.name;
  }
}

}  // namespace
}  // namespace penstock
