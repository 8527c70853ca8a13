// Who may take part in a measurement, by name.
//
// Thread safety: pure but for opening.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bench/paths/subject.h"
#include "bench/paths/trial.h"
#include "engine/base/result.h"

namespace penstock {

struct Contestant {
  std::string name{};  // "kernel_filter/spin", "bare_recvmmsg/block", "testpmd/spin"
  OpenSubject open{};
  bool counts_host = false;  // Delivered::host says something
  bool takes_all = false;    // frames for the host too, as datagrams
  bool tells_age = true;     // Subject::finish() says something, when asked to
  bool every_queue = true;   // takes from all queues of a veth
};

// The names of each path of the engine, spinning and blocking; `peers`: of all peers too, testpmd where it is
// installed.
std::vector<std::string> usual_names(bool peers);

// usual_names() without peers, when none is named. Port and CPU are the stage's. Errors
// name the valid words.
Result<std::vector<Contestant>> who_takes_part(std::span<const std::string> names,
                                               const SubjectConfig& subject);

}  // namespace penstock
