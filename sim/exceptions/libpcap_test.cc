// Proof 4: an independent judge. libpcap's compiled `udp dst port N` says of the mutated frames whether they
// match; where it disagrees with the classifier, a [[libpcap]] row of bpf/exceptions.toml says why. A row
// whose difference does not show any more fails here too.
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include "engine/classify/classifier.h"
#include "engine/classify/differential/frame_report.h"
#include "engine/classify/fuzz/frame_mutator.h"
#include "engine/classify/testing/frame_rows.h"
#include "engine/classify/testing/policy_rows.h"
#include "engine/metrics/counters.h"
#include "engine/packet/byte_order.h"
#include "sim/exceptions/exceptions.h"

namespace penstock {
namespace {

class LibpcapFilter {
 public:
  explicit LibpcapFilter(const ClassifierConfig& config) {
    std::string expression;
    for (const std::uint16_t port : config.ports)
      expression += fmt::format("{}udp dst port {}", expression.empty() ? "" : " or ", port);
    const std::unique_ptr<pcap_t, void (*)(pcap_t*)> handle(pcap_open_dead(DLT_EN10MB, 65'535), pcap_close);
    EXPECT_EQ(pcap_compile(handle.get(), &program_, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN), 0)
        << pcap_geterr(handle.get());
  }
  ~LibpcapFilter() { pcap_freecode(&program_); }
  LibpcapFilter(const LibpcapFilter&) = delete;
  LibpcapFilter& operator=(const LibpcapFilter&) = delete;

  bool matches(std::span<const std::byte> frame) const {
    const auto bytes = static_cast<bpf_u_int32>(frame.size());
    const pcap_pkthdr header{.ts = {}, .caplen = bytes, .len = bytes};
    return pcap_offline_filter(&program_, &header, reinterpret_cast<const u_char*>(frame.data())) != 0;
  }

 private:
  bpf_program program_{};
};

using Key = std::pair<std::string, bool>;  // the classifier's reason, whether libpcap matches

// A header length of 0 words leads libpcap to bytes 16 and 17, the total length. Mutation finds the port
// there too rarely: once whole, and once too short for the headers.
std::vector<std::vector<std::byte>> header_length_0() {
  std::vector<std::byte> frame = taken_frame(100);
  frame[14] = std::byte{0x40};
  store_be16(&frame[16], row_classifier().ports[0]);
  return {frame, {frame.begin(), frame.begin() + 30}};
}

std::map<Key, std::uint64_t> declared_rows() {
  std::map<Key, std::uint64_t> rows;
  for (const LibpcapDifference& row : ExceptionTable::declared().libpcap())
    rows[{row.reason, row.matches}] = 0;
  return rows;
}

TEST(Libpcap, DisagreesOnlyWhereTheTableSaysAndThereItDoes) {
  constexpr int kFramesAPolicy = 125'000;
  std::map<Key, std::uint64_t> rows = declared_rows();
  int reported = 0;
  const auto judge = [&](const PolicyRow& policy, const Classifier& classifier, const LibpcapFilter& libpcap,
                         std::span<const std::byte> frame) {
    const Verdict verdict = classifier.classify(frame);
    const bool matches = libpcap.matches(frame);
    if (verdict.taken() == matches) return;
    const auto row = rows.find({std::string(reason_name(verdict.reason)), matches});
    if (row != rows.end()) {
      ++row->second;
    } else if (++reported <= 5) {
      ADD_FAILURE() << "under policy " << policy.name << " the classifier says "
                    << reason_name(verdict.reason) << ", libpcap " << (matches ? "matches" : "does not match")
                    << ", and no row of [[libpcap]] says why\n  " << scapy_line(frame);
    }
  };
  for (const PolicyRow& policy : policy_rows()) {
    const Classifier classifier = *Classifier::create(policy.config);
    const LibpcapFilter libpcap(policy.config);
    FrameMutator mutator(policy.config);
    for (int i = 0; i < kFramesAPolicy; ++i)
      judge(policy, classifier, libpcap, mutator.next());
    for (const std::vector<std::byte>& frame : header_length_0())
      judge(policy, classifier, libpcap, frame);
  }
  for (const auto& [row, frames] : rows)
    EXPECT_GT(frames, 0u) << "the row of reason " << row.first << " explains nothing";
}

// The only taken frames that libpcap does not match are tagged: without the word `vlan` its expression
// looks at untagged frames alone.
TEST(Libpcap, MissesNoTakenFrameButTaggedOnes) {
  for (const PolicyRow& policy : policy_rows()) {
    const Classifier classifier = *Classifier::create(policy.config);
    const LibpcapFilter libpcap(policy.config);
    FrameMutator mutator(policy.config, {.seed = 2});
    for (int i = 0; i < 50'000; ++i) {
      const std::span<const std::byte> frame = mutator.next();
      const bool tagged = (frame[12] == std::byte{0x81} && frame[13] == std::byte{0}) ||
                          (frame[12] == std::byte{0x88} && frame[13] == std::byte{0xa8});
      if (classifier.classify(frame).taken()) {
        ASSERT_EQ(libpcap.matches(frame), !tagged) << scapy_line(frame);
      }
    }
  }
}

}  // namespace
}  // namespace penstock
