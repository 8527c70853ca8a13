// Starting ping and reading its closing lines.
#include "sim/host/ping.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace penstock {
namespace {

// Behind the last request, and for a machine that is busy with other things.
constexpr Nanoseconds kPatience = 20 * kSecond;

// The number that stands right before `word`, as in "200 packets transmitted"; `fallback` without the word.
std::uint64_t number_before(std::string_view text, std::string_view word, std::uint64_t fallback) {
  const std::size_t at = text.find(word);
  if (at == std::string_view::npos) return fallback;
  std::size_t begin = at;
  while (begin > 0 && text[begin - 1] >= '0' && text[begin - 1] <= '9')
    --begin;
  std::uint64_t number = fallback;
  std::from_chars(text.data() + begin, text.data() + at, number);
  return number;
}

// "rtt min/avg/max/mdev = 0.015/0.027/0.045/0.009 ms": the third.
Nanoseconds worst_of(const std::string& text) {
  constexpr std::string_view kMark = "min/avg/max/mdev = ";
  std::size_t at = text.find(kMark);
  if (at == std::string::npos) return 0;
  at += kMark.size();
  for (int i = 0; i < 2; ++i)
    at = text.find('/', at) + 1;
  return std::llround(std::strtod(text.c_str() + at, nullptr) * kMillisecond);
}

}  // namespace

Result<PingResult> parse_ping(const std::string& text) {
  constexpr std::uint64_t kNone = UINT64_MAX;
  PingResult result{.sent = number_before(text, " packets transmitted", kNone),
                    .received = number_before(text, " received", kNone),
                    .duplicates = number_before(text, " duplicates", 0),
                    .worst = worst_of(text)};
  if (result.sent == kNone || result.received == kNone || result.received > result.sent)
    return fail("read what ping prints: \"" + text + "\"");
  return result;
}

Result<Ping> Ping::start(const NetNamespace& ns, const std::string& address, const PingConfig& config) {
  const Nanoseconds milliseconds = config.interval / kMillisecond;
  Result<RunningProgram> program = RunningProgram::start(
      {.arguments = {"ping", "-n", "-q", "-c", fmt::format("{}", config.count), "-i",
                     fmt::format("{}.{:03}", milliseconds / 1000, milliseconds % 1000), "-W", "2", address},
       .network_namespace = ns.fd()});
  if (!program) return tl::unexpected(program.error());
  return Ping(std::move(*program), config.count * config.interval + kPatience);
}

Result<PingResult> Ping::finish() {
  const Result<ProgramOutput> output = program_.wait(timeout_);
  if (!output) return tl::unexpected(output.error());
  // 1: not all were answered; 2: something else.
  if (output->exit_status > 1)
    return fail(fmt::format("ping: exit status {}: {}", output->exit_status, output->err));
  return parse_ping(output->out);
}

Result<PingResult> ping(const NetNamespace& ns, const std::string& address, const PingConfig& config) {
  Result<Ping> running = Ping::start(ns, address, config);
  if (!running) return tl::unexpected(running.error());
  return running->finish();
}

}  // namespace penstock
