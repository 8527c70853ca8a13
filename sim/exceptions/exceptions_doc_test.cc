// docs/exceptions.md is bpf/exceptions.toml in words. This test writes it anew from the table and fails when
// the file differs. To bring the file up to date: `bazel run //sim/exceptions:exceptions_doc_test --
// --update`.
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "engine/testing/generated_page.h"
#include "sim/exceptions/exceptions.h"

namespace penstock {
namespace {

// Lines of prose, as long as the tidy rules like them.
std::string wrapped(const std::string& text) {
  constexpr std::size_t kColumns = 116;
  std::istringstream words(text);
  std::string lines;
  std::size_t column = 0;
  for (std::string word; words >> word; column += word.size()) {
    const bool fits = column + 1 + word.size() <= kColumns;
    if (column != 0) lines += fits ? ' ' : '\n';
    column = column == 0 || !fits ? 0 : column + 1;
    lines += word;
  }
  return lines;
}

std::string expected_text() {
  std::ostringstream out;
  out << "# Declared exceptions\n\n"
         "Law 1 says that every receive path delivers what a UDP socket bound to the port (on every address) "
         "would have been\ngiven by Linux. Where a path does something else, "
         "[bpf/exceptions.toml](../bpf/exceptions.toml) has a row for it. The\nscenario checks and the test "
         "that holds each path to the kernel ([sim/oracle_fuzz](../sim/oracle_fuzz)) read that table:\na "
         "difference without a row is a failure. Each row has a test that fails when the difference "
         "vanishes, in\n"
         "[exceptions_netns_test.cc](../sim/exceptions/exceptions_netns_test.cc). This page is made by\n"
         "`//sim/exceptions:exceptions_doc_test`, which fails when it is out of date.\n\n"
         "| exception | when | Linux | kernel filter | userspace filter | io_uring | UDP | counter |\n"
         "|---|---|---|---|---|---|---|---|\n";
  const ExceptionTable& table = ExceptionTable::declared();
  for (const DeclaredException& row : table.rows()) {
    out << "| [`" << row.id << "`](#" << row.id << ") | " << row.when_text() << " | "
        << to_string(row.oracle);
    for (const std::string_view path : kExceptionPaths)
      out << " | " << to_string(row.paths.at(path));
    out << " | `" << row.counter << "` |\n";
  }
  out << "\nRows apply in this order, each to what those before have made of the datagram. Outcomes:\n\n"
         "| outcome | meaning |\n|---|---|\n"
         "| delivered | the program behind the port is given the payload |\n"
         "| late | the same, but perhaps behind later datagrams of its flow |\n"
         "| dropped | by the kernel |\n"
         "| discarded | received by the engine and thrown away, counted |\n"
         "| refused | nobody is given it; the sender is told: ICMP port unreachable |\n"
         "| elsewhere | another program, which holds the port, is given it |\n\n"
         "Circumstances, as `when` names them:\n\n| circumstance | about | meaning |\n|---|---|---|\n";
  for (const CircumstanceInfo& info : kCircumstances)
    out << "| `" << info.name << "` | the " << info.about << " | " << info.meaning << " |\n";
  out << "\n## libpcap as a judge\n\n"
         "What libpcap's compiled `udp dst port N` says otherwise about the mutated frames of the "
         "differential "
         "tests. It answers another\nquestion, what belongs to the port on the wire, not what a socket would "
         "be "
         "given. `//sim/exceptions:libpcap_test` fails for a\ndifference without a row, and for a row "
         "without a "
         "difference.\n\n| the classifier's reason | libpcap | why |\n|---|---|---|\n";
  for (const LibpcapDifference& row : table.libpcap())
    out << "| `" << row.reason << "` | " << (row.matches ? "matches" : "misses") << " | " << row.why
        << " |\n";
  for (const DeclaredException& row : table.rows()) {
    out << "\n## " << row.id << "\n\n"
        << wrapped(row.why) << "\n\nTest: `" << row.test_name << "` of `" << row.test_label << "`.\n";
  }
  return out.str();
}

TEST(ExceptionsDoc, IsWhatTheTableSays) {
  testing::expect_page("docs/exceptions.md", expected_text(), "//sim/exceptions:exceptions_doc_test");
}

}  // namespace
}  // namespace penstock
