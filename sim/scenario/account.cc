// Sums and their text.
#include "sim/scenario/account.h"

#include <numeric>

#include <fmt/format.h>

namespace penstock {
namespace {

std::uint64_t total(const std::vector<AccountTerm>& terms) {
  return std::accumulate(terms.begin(), terms.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const AccountTerm& term) { return sum + term.value; });
}

std::string side(const std::vector<AccountTerm>& terms) {
  std::vector<std::string> words;
  for (const AccountTerm& term : terms) {
    if (term.value != 0) words.push_back(fmt::format("{} {}", term.name, term.value));
  }
  if (words.empty() && !terms.empty()) words.push_back(terms.front().name + " 0");
  return fmt::format("{}", fmt::join(words, " + "));
}

}  // namespace

Account::Account(std::string name, std::vector<AccountTerm> left, std::vector<AccountTerm> right)
    : name_(std::move(name)), left_(std::move(left)), right_(std::move(right)) {}

bool Account::closed() const {
  return total(left_) == total(right_);
}

std::string Account::to_string() const {
  const std::uint64_t left = total(left_), right = total(right_);
  std::string equation = side(left_) + " = " + side(right_);
  if (left == right) return equation;
  return fmt::format("{}: open, the {} side has {} more", equation, left > right ? "left" : "right",
                     left > right ? left - right : right - left);
}

}  // namespace penstock
