// The declared exceptions to law 1 ("same meaning"), read from bpf/exceptions.toml. The file says what its
// keys mean.
//
// Checks that expect something of a receive path ask this table, not code of their own:
//
//   if (is_delivered(ExceptionTable::declared().outcome("kernel_filter", Outcome::kDropped, why))) ...
//
// Thread safety: immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "sim/exceptions/circumstances.h"

namespace penstock {

// What becomes of a datagram.
enum class Outcome : std::uint8_t { kDelivered, kLate, kDropped, kDiscarded, kRefused, kElsewhere };

std::string_view to_string(Outcome outcome);
constexpr bool is_delivered(Outcome outcome) {
  return outcome == Outcome::kDelivered || outcome == Outcome::kLate;
}

// The receive paths that a row speaks of, by the names that result.json uses.
inline constexpr std::string_view kExceptionPaths[] = {"kernel_filter", "userspace_filter", "io_uring",
                                                       "udp"};

// One word of `when`.
struct Condition {
  const CircumstanceInfo* circumstance;
  bool wanted;  // false: "not"

  bool holds(const Circumstances& circumstances) const {
    return circumstances.*circumstance->value == wanted;
  }
};

struct DeclaredException {
  std::string id;
  std::vector<Condition> when;
  Outcome oracle = Outcome::kDelivered;
  std::map<std::string_view, Outcome> paths;  // every one of kExceptionPaths
  std::string counter;
  std::string why;
  std::string test_label;  // "//sim/exceptions:exceptions_netns_test"
  std::string test_name;   // "Exception.oversize"

  bool applies(const Circumstances& circumstances) const;
  std::string when_text() const;  // "udp_checksum_bad, not verify_udp_checksum"
};

// A reason for which libpcap's `udp dst port N` and the classifier disagree.
struct LibpcapDifference {
  std::string reason;    // the classifier's, as reason_name() writes it
  bool matches = false;  // libpcap matches what the classifier passes; else it misses what that takes
  std::string why;
};

class ExceptionTable {
 public:
  // Errors: everything that is wrong with the text, one a line, as name:line:column: an unknown key, word or
  // outcome, an id twice, a row that declares no difference.
  static Result<ExceptionTable> parse(std::string_view text, std::string name);

  // bpf/exceptions.toml as it was when this was built.
  static const ExceptionTable& declared();
  static std::string_view declared_text();

  const std::vector<DeclaredException>& rows() const { return rows_; }
  const DeclaredException* find(std::string_view id) const;  // nullptr: there is none
  const std::vector<LibpcapDifference>& libpcap() const { return libpcap_; }

  // What `path` does with a datagram with which Linux would have done `oracle`. `applied` is given the rows
  // that made the difference, in order. REQUIRES: path is one of kExceptionPaths.
  Outcome outcome(std::string_view path, Outcome oracle, const Circumstances& circumstances,
                  std::vector<const DeclaredException*>* applied = nullptr) const;

 private:
  std::vector<DeclaredException> rows_;
  std::vector<LibpcapDifference> libpcap_;
};

}  // namespace penstock
