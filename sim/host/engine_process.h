// `penstock run` inside the receiver's namespace: the engine as a process of its own, to be stopped, stalled
// and killed. Its threads are "pen-net" and, with the userspace filter, "pen-return".
//
// Its configuration and its counters are files in a folder of this object's, which goes with it.
//
// Thread safety: as RunningProgram; it dies with the thread that started it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/config/run_config.h"
#include "engine/receive/receiver.h"
#include "engine/xdp/receiver_program.h"
#include "sim/topology/running_program.h"
#include "sim/topology/veth.h"

namespace penstock {

// The Prometheus text that the engine writes, by short names: penstock_xdp_pass_total{reason="ipv6"} is
// "xdp_pass{ipv6}".
class EngineCounters {
 public:
  static EngineCounters parse(std::string_view text);

  // REQUIRES: there is a counter of that name.
  std::uint64_t get(const std::string& name) const;
  // Over all labels: "published" for published{8003}, published{8004}, ...
  std::uint64_t sum(std::string_view name) const;

 private:
  std::map<std::string, std::uint64_t> values_;
};

struct EngineProcessConfig {
  std::string program;  // path of the binary `penstock`
  Path path = Path::kUserspaceFilter;
  TakeScope scope = TakeScope::kAll;
  std::uint16_t port = 8003;
  OnStall on_stall = OnStall::kExit;
};

class EngineProcess {
 public:
  // Returns when it is attached. Errors: what it printed when it could not.
  static Result<EngineProcess> start(const VethTopology::End& end, const EngineProcessConfig& config);

  RunningProgram& program() { return program_; }
  pid_t pid() const { return program_.pid(); }

  // As of now. Fails with ETIMEDOUT when it does not answer, because it stands still.
  Result<EngineCounters> counters() const;

  // What it wrote last, without asking it: for one that has ended by itself.
  Result<EngineCounters> last_counters() const;

  // Ends it as an operator would, and gives its last word.
  Result<EngineCounters> stop();

 private:
  // A folder that goes with its owner.
  class Folder {
   public:
    explicit Folder(std::filesystem::path path) : path_(std::move(path)) {}
    Folder(Folder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    Folder& operator=(Folder&&) = delete;
    ~Folder();
    std::filesystem::path file(const char* name) const { return path_ / name; }

   private:
    std::filesystem::path path_;
  };

  static Result<Folder> make_folder();

  EngineProcess(Folder folder, RunningProgram program)
      : folder_(std::move(folder)), program_(std::move(program)) {}

  Folder folder_;
  RunningProgram program_;
};

}  // namespace penstock
