// The engine as a process of its own inside the receiver's namespace, to be stopped, stalled and killed.
//
// Its counters come on its standard output, a line a snapshot, oldest first: `name=value` or
// `name{label}=value` with blanks between, every counter of engine/metrics.
//
// Thread safety: as RunningProgram; it dies with the thread that started it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/receive/receiver.h"
#include "engine/xdp/receiver_program.h"
#include "sim/topology/running_program.h"
#include "sim/topology/veth.h"

namespace penstock {

// "xdp_pass{engine_stalled}" -> value. A counter that is not there is a mistake in its name.
class EngineCounters {
 public:
  // Of the last whole line; none when there is no whole line yet.
  static EngineCounters parse_last(std::string_view output);

  bool empty() const { return values_.empty(); }
  // REQUIRES: there is a counter of that name.
  std::uint64_t get(const std::string& name) const;
  // Over all labels: "published" for published{0}, published{1}, ...
  std::uint64_t sum(std::string_view name) const;

 private:
  std::map<std::string, std::uint64_t> values_;
};

struct EngineProcessConfig {
  std::string program;  // path of //sim/host/testing:engine
  Path path = Path::kUserspaceFilter;
  TakeScope scope = TakeScope::kAll;
  std::uint16_t port = 8003;
};

class EngineProcess {
 public:
  // Returns when it is attached. Errors: what it printed when it could not.
  static Result<EngineProcess> start(const VethTopology::End& end, const EngineProcessConfig& config);

  RunningProgram& program() { return program_; }
  pid_t pid() const { return program_.pid(); }

  // As of the last time that it printed them, 20 ms ago or so; from before, while it stands still.
  EngineCounters counters() const { return EngineCounters::parse_last(program_.out()); }

  // Ends it as an operator would, and gives its last word.
  Result<EngineCounters> stop();

 private:
  explicit EngineProcess(RunningProgram program) : program_(std::move(program)) {}

  RunningProgram program_;
};

}  // namespace penstock
