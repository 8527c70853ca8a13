// Proof 3 of "one meaning": the kernel as judge of what is ours. The same cases go to plain UDP sockets and
// to each receive path with its companion socket, in lockstep, and the payloads that come out are compared,
// byte for byte, given the declared exceptions (expectation.h).
//
// A batch that differs is cut down to the smallest set of frames that still does (fragments need each other),
// each try on a kernel that has forgotten the fragments of the last one. What is left is reported with all
// that is needed to look at it and to run it again.
//
// Thread safety: one call, one thread. Needs root and a network namespace of its own.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/receive/af_xdp_receiver.h"
#include "sim/oracle_fuzz/cases.h"
#include "sim/oracle_fuzz/datagram.h"
#include "sim/oracle_fuzz/stage.h"

namespace penstock {

// The receiver's options and the host that they are tried on.
struct FuzzProfile {
  std::string_view name;
  std::string_view what;
  bool host_ipv6 = false;
  bool vlan = false, ipv6 = false, verify_udp_checksum = false;
};

std::span<const FuzzProfile> fuzz_profiles();
Result<FuzzProfile> find_fuzz_profile(std::string_view name);  // errors name the valid ones

struct FuzzConfig {
  FuzzProfile profile = fuzz_profiles().front();
  std::uint64_t seed = 1;
  std::uint64_t first = 0;  // number of the first case
  std::uint64_t cases = 20'000;
  std::size_t batch = 1'000;  // cases
  std::vector<Path> paths{Path::kKernelFilter, Path::kUserspaceFilter, Path::kIoUring, Path::kUdp};
  std::vector<FrameBytes> frames{};  // instead of cases: these, as one batch
  unsigned fragment_seconds = FuzzStage::kFragmentSeconds;
  // For tests that plant a difference: changes the receiver, or the host behind it.
  std::function<void(AfXdpConfig&)> plant_receiver{};
  std::function<Status(const VethTopology&)> plant_host{};
  std::function<void(std::uint64_t done)> progress{};
};

// A difference, cut down.
struct Mismatch {
  Path path = Path::kKernelFilter;
  std::uint64_t first_case = 0;  // of the batch that it was found in
  std::vector<FrameBytes> frames;
  MultisetDifference difference;  // `missing`: the path must deliver it and does not
  bool repeated = true;           // false: the batch did not differ again, so that `frames` is all of it
};

struct FuzzReport {
  std::uint64_t frames = 0;
  std::uint64_t datagrams = 0;  // given to plain sockets
  std::array<std::uint64_t, PENSTOCK_REASON_COUNT>
      by_reason{};                   // of the classifier with the profile's options
  std::optional<Mismatch> mismatch;  // the first one; the run ends with it

  std::vector<std::string> reasons_not_seen(const FuzzProfile& profile) const;
};

Result<FuzzReport> run_oracle_fuzz(const FuzzConfig& config);

// The mismatch in words: datagrams, each frame as hex and scapy line with what the classifier says, where the
// pcap is, and the command that runs it again. Writes the pcap to DIR/oracle_mismatch.pcap.
Result<std::string> describe(const Mismatch& mismatch, const FuzzConfig& config,
                             const std::filesystem::path& directory);

}  // namespace penstock
