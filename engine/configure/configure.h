// `penstock configure check|init|fini`: puts the host into the state that the file's [host] asks for, and
// back.
//
//   check   says what is not so; changes nothing and needs no privilege
//   init    sets it, each change recorded on disk before it is made (settings_journal.h)
//   fini    puts back what init found, newest first
//
// Each may be run at any time and again: init leaves alone what is as wanted, and keeps what it recorded the
// first time; after a kill in between either of the two goes on. A setting that has neither the value that
// init gave it nor the one it had before was changed by somebody else: fini leaves it, says so, and forgets
// it.
//
// One setting that fails does not keep the others from being set.
//
// Thread safety: none; one process at a time, which is enforced.
#pragma once

#include "engine/base/result.h"
#include "engine/config/run_config.h"
#include "engine/configure/host_setting.h"
#include "engine/doctor/finding.h"

namespace penstock {

// One finding a setting; FAIL for what could not be set. Errors: the journal cannot be had, nothing was done.
Result<Findings> configure_check(const RunConfig& config, const HostAccess& host);
Result<Findings> configure_init(const RunConfig& config, const HostAccess& host);
// By the journal alone: what the file wants now does not matter.
Result<Findings> configure_fini(const RunConfig& config, const HostAccess& host);

}  // namespace penstock
