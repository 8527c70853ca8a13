// The result of a run: what result.json holds, as values. The format is docs/result.md; keys are
// added, never renamed. Every key is always present, null where a thing was not measured.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "sim/lab/lab_record.h"
#include "sim/scenario/account.h"
#include "sim/scenario/counter_tables.h"
#include "sim/scenario/latency_distribution.h"

namespace penstock {

enum class RunVerdict : std::uint8_t { kPass, kSkip, kFail, kInvalid };  // the larger wins

std::string_view to_string(RunVerdict verdict);
// Exit status of the runner: 0 pass, 1 fail, 3 invalid, 77 skip. (2 is usage or a bad file.)
int exit_status(RunVerdict verdict);

// One thing that had to hold. `pass` is empty when it was not checked; `detail` then says why.
struct Check {
  std::string name;
  std::optional<bool> pass;
  std::string detail;
};

struct ShredCounts {
  std::map<std::string, std::uint64_t> variants{};  // by variant byte, as "0x96"
  std::uint64_t sets_complete = 0;                  // all 64 distinct members seen
  std::optional<std::uint64_t>
      sets_recovered{};               // 32 to 63 seen and the root recomputed; empty: not attempted
  std::uint64_t sets_incomplete = 0;  // all other sets
  // What the shred stage made of the payloads (metrics/counter_table.h, shred_*).
  std::uint64_t accepted = 0, duplicate = 0, late = 0, held = 0;
  std::map<std::string, std::uint64_t> discarded{};  // by reason
  std::uint64_t conflicts = 0, signature_checks = 0;
  std::uint64_t sets() const { return sets_complete + sets_recovered.value_or(0) + sets_incomplete; }
};

// How long the engine's thread waited for a CPU that others had, while the workload was sent: nanoseconds, in
// the longest stretch and together (sim/machine/cpu_waits.h).
struct CpuWaitTimes {
  std::uint64_t longest = 0, total = 0;
};

// How long it took until a path could be sent to, nanoseconds from nothing on: until the hosts were there,
// with carrier and addresses, and until the receiver was attached and every counter read.
struct SetupTimes {
  std::uint64_t topology = 0, receiver = 0;
};

// What one receive path did.
struct PathResult {
  std::string path;
  std::string mode;
  std::uint32_t queues = 1;
  std::uint64_t offered = 0;
  std::uint64_t delivered = 0;
  std::uint64_t slow_way = 0;
  std::map<std::string, std::uint64_t> passed;  // by reason
  std::map<std::string, std::uint64_t> lost;    // by cause
  std::string payload_digest;
  std::optional<std::string> host_digest;
  std::optional<ShredCounts> shreds;
  std::optional<SetupTimes> setup;  // empty where nothing is made in the kernel
  std::optional<double> seconds;    // from the first frame sent to the last; virtual time on the ring
  std::optional<double> ns_per_packet;
  std::optional<double> ns_per_packet_deviation;      // of it, one standard deviation
  std::optional<CpuWaitTimes> cpu_wait;               // of the engine's thread; empty: it has none of its own
  std::optional<LatencyDistribution> latency;         // from sending to the first consumer
  std::optional<LatencyDistribution> stalls;          // of the machine, beside it: a thread that only spun
  CounterTables counters{};                           // for counters.json, which nobody reads back
  std::map<std::string, std::string> not_measured{};  // of the three above, by key: why, in a few words
};

// Frames that the engine is to blame for. What the testbed itself lost (ring_drop) is not, nor what nobody
// wanted any more (port_removed).
std::uint64_t engine_loss(const PathResult& path);

// Of these, what found the AF_XDP RX ring or the fill ring in the state of a consumer that is too late.
std::uint64_t lost_by_full_ring(const PathResult& path);

struct Environment {
  std::string kernel, machine, cpu;
  std::uint32_t cpus = 0;
  std::optional<LabRecord> lab{};  // over `nic`: its ports and how they were set
};

struct RunResult {
  std::string scenario;
  std::string description;  // the question it answers; empty for a capture
  std::string topology;
  std::uint64_t seed = 0;
  std::string commit;
  std::string started;  // ISO 8601, UTC
  std::string repeat;   // the command that does it again; empty where there is none
  Environment environment;
  RunVerdict verdict = RunVerdict::kPass;
  std::string reason;  // why the verdict is not pass; empty when it is
  std::vector<Check> checks;
  std::vector<PathResult> paths;
};

Environment this_environment();
std::string now_iso8601();

// The verdict that the checks give: fail with the first failed check's name as the reason.
void judge(RunResult& result);

std::string to_json(const RunResult& result);
// Writes DIR/result.json, making DIR; reads it back (result_reader.h) and compares.
Status write_result(const RunResult& result, const std::filesystem::path& directory);

}  // namespace penstock
