// Sums and their text.
#include "sim/scenario/account.h"

#include <numeric>

#include <fmt/format.h>

namespace penstock {
namespace {

Count total(const std::vector<AccountTerm>& terms) {
  return std::accumulate(terms.begin(), terms.end(), Count{},
                         [](Count sum, const AccountTerm& term) { return sum += term.value; });
}

std::string side(const std::vector<AccountTerm>& terms) {
  std::vector<std::string> words;
  for (const AccountTerm& term : terms) {
    if (!term.value.known()) {
      words.push_back(term.name + " unknown");
    } else if (term.value != 0) {
      words.push_back(fmt::format("{} {}", term.name, term.value.value));
    }
  }
  if (words.empty() && !terms.empty()) words.push_back(terms.front().name + " 0");
  return fmt::format("{}", fmt::join(words, " + "));
}

}  // namespace

Account::Account(std::string name, std::vector<AccountTerm> left, std::vector<AccountTerm> right)
    : name_(std::move(name)), left_(std::move(left)), right_(std::move(right)) {}

std::optional<bool> Account::closed() const {
  const Count left = total(left_), right = total(right_);
  if (!left.known() || !right.known()) return std::nullopt;
  return left == right;
}

std::string Account::to_string() const {
  const Count left = total(left_), right = total(right_);
  std::string equation = side(left_) + " = " + side(right_);
  for (const Count& sum : {left, right}) {
    if (!sum.known()) return fmt::format("{}: not checked, {}", equation, sum.missing);
  }
  if (left == right) return equation;
  const bool more_left = left.value > right.value;
  return fmt::format("{}: open, the {} side has {} more", equation, more_left ? "left" : "right",
                     more_left ? left.value - right.value : right.value - left.value);
}

}  // namespace penstock
