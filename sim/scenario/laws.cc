// Comparing what happened with what had to.
#include "sim/scenario/laws.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace penstock {
namespace {

Check compare(std::string name, const MultisetDigest& found, const MultisetDigest& wanted,
              std::string_view of_what) {
  if (found == wanted)
    return {std::move(name), true, fmt::format("{} {}, as the ledger says", wanted.count(), of_what)};
  if (found.count() == wanted.count()) {
    return {std::move(name), false,
            fmt::format("{} {} as the ledger says, but not the same ones", found.count(), of_what)};
  }
  return {std::move(name), false,
          fmt::format("{} {}, the ledger says {}", found.count(), of_what, wanted.count())};
}

// Who received what only the kernel can receive.
Check check_slow_way(const PathRun& run, const Ledger& ledger) {
  std::string name = run.result.path + ".slow_way";
  const std::uint64_t expected = ledger.slow().count();
  switch (run.companion) {
    case Companion::kOwn:
      if (run.every_queue)
        return compare(std::move(name), run.slow, ledger.slow(), "datagrams by the companion socket");
      return {std::move(name), run.slow.count() >= expected,
              fmt::format("{} datagrams by the companion socket, {} of them because of what they are",
                          run.slow.count(), expected)};
    case Companion::kExternal:
      return {std::move(name), std::nullopt,
              fmt::format("{} datagrams went to the program that holds the ports, the ledger says {}: law 1 "
                          "is not claimed for them",
                          run.witnessed.held_elsewhere.count(), expected)};
    case Companion::kOff:
      break;
  }
  return {
      std::move(name), std::nullopt,
      fmt::format("{} datagrams are left to the host's stack, and no companion socket reads them", expected)};
}

// What is not ours, and from queues without a socket also what is: as much as then came by the slow way.
Check check_host(const PathRun& run, const Ledger& ledger) {
  std::string name = run.result.path + ".host";
  const MultisetDigest expected = ledger.expected_host(run.result.path, run.receiver);
  if (run.every_queue)
    return compare(std::move(name), run.witnessed.host, expected, "frames seen by the host's stack");
  const std::uint64_t unbound = run.slow.count() - std::min(run.slow.count(), ledger.slow().count());
  return {std::move(name), run.witnessed.host.count() == expected.count() + unbound,
          fmt::format("{} frames seen by the host's stack, {} that are not ours and {} from queues without a "
                      "socket expected",
                      run.witnessed.host.count(), expected.count(), unbound)};
}

// Held ports never cause an ICMP port-unreachable; ports that nobody holds do.
Check check_port_unreachable(const PathRun& run, const Ledger& ledger) {
  std::string name = run.result.path + ".port_unreachable";
  if (!run.witnessed.port_unreachables)
    return {std::move(name), std::nullopt, "nobody watches what a host would answer"};
  const std::uint64_t sent = *run.witnessed.port_unreachables;
  const bool expected = run.companion == Companion::kOff && ledger.slow().count() != 0;
  return {std::move(name), (sent != 0) == expected,
          fmt::format("{} ICMP port-unreachable about the listed ports, {} expected", sent,
                      expected ? "some" : "none")};
}

// Needs all losses by name, and one has none.
Check not_checked(std::string name, const PathRun& run) {
  return {std::move(name), std::nullopt, run.uncounted};
}

// What is lost beyond a limit is so whatever is not counted; that nothing else was lost nobody knows.
Check unless_uncounted(Check check, const PathRun& run) {
  if (check.pass != true || run.uncounted.empty()) return check;
  return not_checked(std::move(check.name), run);
}

// The stack that the sockets of io_uring and udp belong to sees everything.
Check check_stack_saw_all(const PathRun& run) {
  std::uint64_t arrived = run.result.offered;
  for (const char* before_the_stack : {"ring_drop", "bridge_drop", "nic_drop"}) {
    const auto dropped = run.result.lost.find(before_the_stack);
    if (dropped != run.result.lost.end()) arrived -= dropped->second;
  }
  const std::uint64_t seen = run.witnessed.host.count() + run.witnessed.streams_host.size();
  if (!run.uncounted.empty()) return not_checked(run.result.path + ".host", run);
  return {run.result.path + ".host", seen == arrived,
          fmt::format("{} frames seen by the host's stack, {} arrived", seen, arrived)};
}

// Exactly the causes of `wanted` have lost frames.
Check check_lost(std::string name, const PathResult& result, const std::vector<std::string>& wanted) {
  std::vector<std::string> wrong, right;
  for (const auto& [cause, count] : result.lost) {
    if (count == 0) continue;
    const bool expected = std::find(wanted.begin(), wanted.end(), cause) != wanted.end();
    (expected ? right : wrong).push_back(fmt::format("{} {}", cause, count));
    if (!expected) wrong.back() += " not expected";
  }
  for (const std::string& cause : wanted) {
    const auto found = result.lost.find(cause);
    if (found == result.lost.end() || found->second == 0)
      wrong.push_back(fmt::format("{} 0, some expected", cause));
  }
  if (!wrong.empty()) return {std::move(name), false, fmt::format("{}", fmt::join(wrong, ", "))};
  return {std::move(name), true, right.empty() ? "nothing" : fmt::format("{}", fmt::join(right, ", "))};
}

Check check_passed(std::string name, const PathResult& result, const std::vector<std::string>& wanted) {
  for (const std::string& reason : wanted) {
    const auto found = result.passed.find(reason);
    if (found == result.passed.end() || found->second == 0)
      return {std::move(name), false, fmt::format("no frame passed as {}", reason)};
  }
  return {std::move(name), true, fmt::format("frames passed as {}", fmt::join(wanted, ", "))};
}

Check check_discarded(std::string name, const ShredCounts& shreds, const std::vector<std::string>& wanted) {
  for (const std::string& reason : wanted) {
    if (!shreds.discarded.contains(reason))
      return {std::move(name), false, fmt::format("no payload was discarded as {}", reason)};
  }
  for (const auto& [reason, count] : shreds.discarded) {
    if (std::find(wanted.begin(), wanted.end(), reason) == wanted.end())
      return {std::move(name), false, fmt::format("{} payloads were discarded as {}", count, reason)};
  }
  return {std::move(name), true, fmt::format("discarded as {} and nothing else", fmt::join(wanted, ", "))};
}

Check at_most(std::string name, std::uint64_t found, std::uint64_t limit, std::string_view of_what) {
  return {std::move(name), found <= limit, fmt::format("{} {}, at most {} allowed", found, of_what, limit)};
}

Check exactly(std::string name, std::uint64_t found, std::uint64_t wanted, std::string_view of_what) {
  return {std::move(name), found == wanted, fmt::format("{} {}, {} expected", found, of_what, wanted)};
}

}  // namespace

std::vector<Check> check_same_meaning(const PathRun& run, const Ledger& ledger) {
  const std::string& path = run.result.path;
  std::vector<Check> checks;
  const MultisetDigest expected = ledger.expected_payloads(path, run.receiver);
  if (expected.count() == 0 && run.delivered.count() == 0) {
    checks.push_back({path + ".same_meaning", false,
                      "nothing was delivered and nothing was expected: that proves nothing"});
  } else {
    checks.push_back(compare(path + ".same_meaning", run.delivered, expected, "datagrams"));
  }
  const bool through_the_stack = !is_af_xdp(run.path);
  if (!through_the_stack && run.slow.count() + ledger.slow().count() != 0)
    checks.push_back(check_slow_way(run, ledger));
  checks.push_back(check_port_unreachable(run, ledger));
  if (through_the_stack) {
    checks.push_back(check_stack_saw_all(run));
  } else {
    checks.push_back(check_host(run, ledger));
  }
  return checks;
}

std::vector<Check> check_numbers(const PathRun& run, const SequenceTally& expected) {
  const std::string name = run.result.path + ".same_meaning";
  const std::string host = run.result.path + ".host";
  std::vector<Check> checks;
  if (!run.numbers || expected.count() == 0) {
    checks.push_back({name, false, "nothing was expected, or nothing was tallied: that proves nothing"});
  } else if (const std::string differs = difference(*run.numbers, expected); !differs.empty()) {
    checks.push_back({name, false, fmt::format("of {} numbered datagrams: {}", expected.count(), differs)});
  } else {
    checks.push_back({name, true, fmt::format("{} numbered datagrams, each once", expected.count())});
  }
  checks.push_back({host, std::nullopt, "a rate run does not compare what the host's stack saw"});
  return checks;
}

std::vector<Check> check_conservation(const PathRun& run) {
  std::vector<Check> checks;
  for (const Account& account : run.accounts)
    checks.push_back({run.result.path + ".account." + account.name(), account.closed(), account.to_string()});
  return checks;
}

std::vector<Check> check_expectations(const PathRun& run, const Expect& expect) {
  const std::string& path = run.result.path;
  std::vector<Check> checks;
  if (expect.lost) {
    checks.push_back(unless_uncounted(check_lost(path + ".lost", run.result, *expect.lost), run));
  } else {
    checks.push_back(unless_uncounted(at_most(path + ".engine_loss", engine_loss(run.result),
                                              expect.engine_loss, "frames lost by engine causes"),
                                      run));
  }
  if (!expect.passed.empty()) checks.push_back(check_passed(path + ".passed", run.result, expect.passed));
  if (expect.fec_sets)
    checks.push_back(
        exactly(path + ".fec_sets", run.result.shreds->sets(), *expect.fec_sets, "FEC sets seen"));
  if (expect.fec_sets_complete) {
    checks.push_back(exactly(path + ".fec_sets_complete", run.result.shreds->sets_complete,
                             *expect.fec_sets_complete, "complete FEC sets"));
  }
  if (expect.fec_sets_incomplete) {
    checks.push_back(exactly(path + ".fec_sets_incomplete", run.result.shreds->sets_incomplete,
                             *expect.fec_sets_incomplete, "incomplete FEC sets"));
  }
  if (expect.conflicts) {
    checks.push_back(
        exactly(path + ".conflicts", run.result.shreds->conflicts, *expect.conflicts, "conflicts reported"));
  }
  if (expect.shreds_discarded) {
    checks.push_back(
        check_discarded(path + ".shreds_discarded", *run.result.shreds, *expect.shreds_discarded));
  }
  return checks;
}

Check check_ledger(const MultisetDigest& sockets, const Ledger& ledger) {
  return compare("ledger.linux", sockets, ledger.expected_of_sockets(),
                 "datagrams given to plain UDP sockets by Linux");
}

}  // namespace penstock
