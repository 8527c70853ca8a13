// An XDP program that drops everything, attached in native mode: where frames end when only the way to it is
// to be measured.
//
// Ownership: detached when it goes. Needs CAP_BPF and CAP_NET_ADMIN. Thread safety: none.
#pragma once

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "sim/topology/netns.h"

namespace penstock {

class XdpDropper {
 public:
  static Result<XdpDropper> attach(const NetNamespace& ns, unsigned interface_index);

 private:
  XdpDropper(UniqueFd program, UniqueFd link) : program_(std::move(program)), link_(std::move(link)) {}

  UniqueFd program_;
  UniqueFd link_;
};

}  // namespace penstock
