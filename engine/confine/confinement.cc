// Which list for whom.
#include "engine/confine/confinement.h"

#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "engine/confine/capabilities.h"
#include "engine/confine/refused_call.h"
#include "engine/confine/seccomp_filter.h"

namespace penstock {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kHasLists = false;
#else
constexpr bool kHasLists = true;
#endif

// Written once, by confine_process(), before there are other threads.
bool confined = false;
std::vector<sock_filter> tiles_list;

}  // namespace

bool confinement_has_lists() {
  return kHasLists;
}

Status confine_process(const ConfinementOptions& options) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail("set PR_SET_NO_NEW_PRIVS", errno);
  if (Status s = give_up_capabilities(Keep::kMemoryLock); !s) return s;
  confined = true;
  if (!kHasLists) return {};
  if (Status s = end_on_refused_calls(); !s) return s;
  FilterOptions filter{.caller = Caller::kTiles, .io_uring = options.io_uring, .process = getpid()};
  tiles_list = seccomp_filter(filter);
  filter.caller = Caller::kEngine;
  return put_under(seccomp_filter(filter));
}

Status confine_broker() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail("set PR_SET_NO_NEW_PRIVS", errno);
  if (!kHasLists) return {};
  if (Status s = end_on_refused_calls(); !s) return s;
  return put_under(seccomp_filter({.caller = Caller::kBroker, .process = getpid()}));
}

Status confine_tile() {
  if (!confined) return {};
  if (Status s = give_up_capabilities(Keep::kNothing); !s) return s;
  return kHasLists ? put_under(tiles_list) : Status{};
}

Status confine_helper() {
  return confined ? give_up_capabilities(Keep::kNothing) : Status{};
}

}  // namespace penstock
