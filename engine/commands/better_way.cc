// Asking, and reading one line.
#include "engine/commands/better_way.h"

#include <errno.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace penstock {

std::optional<std::string> BetterWay::look(Nanoseconds now) {
  if (found_) return std::nullopt;
  if (answer_) return hear(now);
  if (!next_) next_ = now + every_;
  if (now < *next_) return std::nullopt;
  next_ = now + every_;
  asked_at_ = now;
  heard_.clear();
  if (Result<UniqueFd> answer = ask_(); answer) answer_ = std::move(*answer);
  return std::nullopt;
}

std::optional<std::string> BetterWay::hear(Nanoseconds now) {
  constexpr std::size_t kLongestLine = 256;
  std::array<char, kLongestLine> text{};
  const ssize_t got = read(answer_.get(), text.data(), text.size());
  if (got > 0 && heard_.size() < kLongestLine) heard_.append(text.data(), static_cast<std::size_t>(got));
  if (got != 0) {
    if (now - asked_at_ > kPatience) answer_.reset();
    return std::nullopt;
  }
  answer_.reset();
  const std::string way = heard_.substr(0, heard_.find('\n'));
  const Result<Path> path = parse_path(way.substr(0, way.find(',')));
  // The paths stand in the order of their speed, the filters first.
  if (!path || *path >= in_use_) return std::nullopt;
  found_ = true;
  return way;
}

}  // namespace penstock
