// Checking, setting, putting back.
#include "engine/configure/configure.h"

#include <errno.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/configure/host_wishes.h"
#include "engine/configure/settings_journal.h"

namespace penstock {
namespace {

// Records, sets, and looks whether it is so.
Status set(const HostWish& wish, const std::string& now, const HostAccess& host, SettingsJournal& journal) {
  if (journal.find(wish.setting) == nullptr) {
    if (Status s = journal.append({wish.setting, now, wish.value}); !s) return s;
  }
  if (Status s = host.write(wish.setting, wish.value); !s) return s;
  const Result<std::string> after = host.read(wish.setting);
  if (!after) return tl::unexpected(after.error());
  if (!wish.is_met_by(*after))
    return fail(fmt::format("the kernel took {} and made {} of it", wish.value, *after), 0,
                "ask for what it can give");
  return {};
}

Finding set_finding(const HostWish& wish, const HostAccess& host, SettingsJournal& journal) {
  const std::string what = to_string(wish.setting);
  const Result<std::string> now = host.read(wish.setting);
  if (!now) return {Level::kFail, what, now.error().message()};
  if (wish.is_met_by(*now)) return {Level::kOk, what, "is " + *now};
  if (const Status s = set(wish, *now, host, journal); !s)
    return {Level::kFail, what, s.error().message(), command_for(wish.setting, wish.value)};
  return {Level::kOk, what, fmt::format("was {}, is now {}", *now, wish.value)};
}

// `forget`: whether there is nothing left to do about it.
Finding put_back(const SettingChange& change, const HostAccess& host, bool& forget) {
  const std::string what = to_string(change.setting);
  const Result<std::string> now = host.read(change.setting);
  forget = true;
  if (!now && (now.error().code == ENOENT || now.error().code == ENODEV))
    return {Level::kOk, what, "has gone, and its setting with it"};
  if (now && *now == change.before) return {Level::kOk, what, "is " + *now + ", as it was"};
  if (now && *now != change.set)
    return {Level::kWarn, what,
            fmt::format("is {}: neither {}, as it was, nor {}, as it was set: left alone", *now,
                        change.before, change.set),
            command_for(change.setting, change.before)};
  const Status written = now ? host.write(change.setting, change.before) : tl::unexpected(now.error());
  forget = written.has_value();
  if (!written)
    return {Level::kFail, what, written.error().message(), command_for(change.setting, change.before)};
  return {Level::kOk, what, fmt::format("was {}, is {} again", change.set, change.before)};
}

}  // namespace

Result<Findings> configure_check(const RunConfig& config, const HostAccess& host) {
  const auto changes = SettingsJournal::read(config.host.state);
  if (!changes) return tl::unexpected(changes.error());
  Findings findings = check_wishes(host_wishes(config, host), host);
  for (const SettingChange& change : *changes) {
    findings.push_back({Level::kOk, "by init",
                        fmt::format("{} was {}; `penstock configure fini` puts that back",
                                    to_string(change.setting), change.before)});
  }
  return findings;
}

Result<Findings> configure_init(const RunConfig& config, const HostAccess& host) {
  Result<SettingsJournal> journal = SettingsJournal::open(config.host.state);
  if (!journal) return tl::unexpected(journal.error());
  Findings findings;
  // A changed number of queues brings interrupts that were not there when the wishes were written down.
  std::vector<HostSetting> done;
  for (int round = 0; round < 2; ++round) {
    for (const HostWish& wish : host_wishes(config, host)) {
      if (std::find(done.begin(), done.end(), wish.setting) != done.end()) continue;
      done.push_back(wish.setting);
      findings.push_back(set_finding(wish, host, *journal));
    }
  }
  if (journal->changes().empty()) {
    if (Status s = journal->keep({}); !s) return tl::unexpected(s.error());
  }
  return findings;
}

Result<Findings> configure_fini(const RunConfig& config, const HostAccess& host) {
  Result<SettingsJournal> journal = SettingsJournal::open(config.host.state);
  if (!journal) return tl::unexpected(journal.error());
  Findings findings;
  std::vector<SettingChange> left = journal->changes();
  for (std::size_t i = left.size(); i-- > 0;) {
    bool forget = false;
    findings.push_back(put_back(left[i], host, forget));
    if (forget) left.erase(left.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (Status s = journal->keep(std::move(left)); !s) return tl::unexpected(s.error());
  return findings;
}

}  // namespace penstock
