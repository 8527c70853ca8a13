// Accounts of law 2: every packet is accounted for once, exactly, under one named cause.
//
// An account is an equation between sums of counters. Each term names the counter that it was read
// from; none is computed as a remainder, or the equation would prove nothing. A term that nobody counts
// leaves the account undecided.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/topology/count.h"

namespace penstock {

struct AccountTerm {
  std::string name;
  Count value{};
};

class Account {
 public:
  Account(std::string name, std::vector<AccountTerm> left, std::vector<AccountTerm> right);

  const std::string& name() const { return name_; }
  // Empty: a counter is unknown.
  std::optional<bool> closed() const;
  // "offered 9412 = ring_drop 0 + xdp_pass{port} 1200 + xdp_redirect 8212"; a term of 0 is left out
  // unless it is all that its side has. Behind an open account: by how much which side is larger; behind an
  // undecided one what is missing.
  std::string to_string() const;

 private:
  std::string name_;
  std::vector<AccountTerm> left_;
  std::vector<AccountTerm> right_;
};

}  // namespace penstock
