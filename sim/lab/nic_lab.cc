// Taking ports, moving them and giving them back.
#include "sim/lab/nic_lab.h"

#include <linux/ethtool.h>
#include <string.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/xsk/netdev.h"
#include "sim/lab/ethtool_features.h"
#include "sim/lab/fields.h"
#include "sim/lab/host_settings.h"
#include "sim/lab/port_check.h"
#include "sim/lab/wanted.h"
#include "sim/topology/iproute.h"
#include "sim/topology/link.h"

namespace penstock {
namespace {

// What an earlier run left is put back before anything is taken.
Status undo_earlier_run(const Journal& journal, const NetNamespace& home, const KernelFiles& files,
                        std::vector<std::string>& said) {
  if (journal.left_over().empty()) return {};
  said.push_back(fmt::format("process {} left the lab's ports as it had set them", journal.left_over().pid));
  const UndoReport report = undo_left_over(journal.left_over(), home, files);
  for (const auto* lines : {&report.done, &report.gone})
    said.insert(said.end(), lines->begin(), lines->end());
  if (report.clean()) return {};
  return fail(fmt::format("put back what an earlier run left: {}", fmt::join(report.failed, "; ")), 0,
              "see `runner lab undo`");
}

// A number by name keeps its name; a whole group is restricted to what is wanted of it.
std::string found_of(const std::string& now, const std::string& wanted) {
  const Result<Fields> all = parse_fields(now), some = parse_fields(wanted);
  return all && some && !some->empty() ? to_text(only(*all, *some)) : now;
}

}  // namespace

NicLab::NicLab(Lab lab, NetNamespace home, Journal journal, KernelFiles files)
    : lab_(std::move(lab)),
      home_(std::move(home)),
      journal_(std::move(journal)),
      files_(std::move(files)),
      record_{.name = lab_.name} {}

NicLab::~NicLab() {
  static_cast<void>(give_back());
}

Result<std::unique_ptr<NicLab>> NicLab::take(const Lab& lab, std::vector<std::string>& said,
                                             KernelFiles files) {
  const std::string what = "take the ports of lab " + lab.name;
  Result<NetNamespace> home = NetNamespace::current();
  if (!home) return fail(what, home.error());
  Result<Journal> journal = Journal::open(lab.journal);
  if (!journal) return fail(what, journal.error());
  if (Status s = undo_earlier_run(*journal, *home, files, said); !s) return fail(what, s.error());
  if (Status s = journal->begin({}); !s) return fail(what, s.error());
  std::unique_ptr<NicLab> self(new NicLab(lab, std::move(*home), std::move(*journal), std::move(files)));
  if (Status taken = self->take_ports(); !taken) {
    if (const Status back = self->give_back(); !back) said.push_back(back.error().message());
    return fail(what, taken.error());
  }
  return self;
}

std::vector<const LabPort*> NicLab::own_ports() const {
  if (lab_.remote) return {&lab_.receiver};
  return {&lab_.sender, &lab_.receiver};
}

Status NicLab::take_ports() {
  const std::vector<const LabPort*> own = own_ports();
  for (const LabPort* port : own) {
    if (Status s = may_take(home_, port->interface, port->may_have_addresses); !s) return s;
    Result<JournalPort> identity = identify(home_, port->interface);
    if (!identity) return tl::unexpected(identity.error());
    identities_.push_back(std::move(*identity));
    Result<Port> opened = Port::open(home_, port->interface, files_);
    if (!opened) return tl::unexpected(opened.error());
    ports_.push_back(std::move(*opened));
    const unsigned index = identities_.back().index;
    const auto features =
        run_in(home_, [index]() -> Result<std::optional<XdpFeatures>> { return xdp_features_of(index); });
    native_.push_back(!features || !*features || (*features)->native);
    zero_copy_.push_back(!features || !*features || (*features)->zero_copy);
  }
  if (Status s = journal_.begin(identities_); !s) return s;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const LabPort& wanted = *own[i];
    if (Status s = note_host_settings(ports_[i]); !s) return s;
    const auto channels = channels_for(ports_[i].device().as_call(), wanted.interface, wanted.queues);
    if (!channels) return tl::unexpected(channels.error());
    const auto settings = wanted_settings(wanted, files_);
    if (!settings) return tl::unexpected(settings.error());
    for (const auto* list : {&*channels, &*settings}) {
      if (Status s = change(ports_[i], *list); !s) return s;
    }
    const Result<Fields> active = read_active_features(ports_[i].device().as_call());
    if (!active) return tl::unexpected(active.error());
    for (const std::string& name : wanted.features_on) {
      if (active->contains(name) && active->at(name) == 0)
        return fail(fmt::format("{}: {} is asked for and stays off", wanted.interface, name), 0,
                    "it needs another feature that is off");
    }
    describe(ports_[i], record_.ports.emplace_back());
    record_.ports.back().role = own[i] == &lab_.sender ? "sender" : "receiver";
  }
  of_lab_ = journal_.changes().size();
  return {};
}

// The last that is put back is noted first.
Status NicLab::note_host_settings(const Port& port) {
  const Result<std::vector<Setting>> settings = read_host_settings(home_, port.interface());
  if (!settings) return tl::unexpected(settings.error());
  std::vector<Change> changes;
  for (auto setting = settings->rbegin(); setting != settings->rend(); ++setting)
    changes.push_back({port.interface(), setting->name, setting->value, ""});
  return journal_.note(changes);
}

Status NicLab::change(const Port& port, const std::vector<Setting>& settings) {
  std::vector<Change> changes;
  for (const Setting& setting : settings) {
    const Result<std::string> now = port.read(setting.name);
    if (!now) return fail(fmt::format("{} of {}", setting.name, port.interface()), now.error());
    changes.push_back({port.interface(), setting.name, found_of(*now, setting.value), setting.value});
  }
  if (Status noted = journal_.note(changes); !noted) return noted;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    if (changes[i].was == settings[i].value) continue;
    if (Status s = port.write(settings[i]); !s)
      return fail(fmt::format("{} of {}", settings[i].name, port.interface()), s.error());
  }
  return {};
}

void NicLab::describe(const Port& port, LabPortRecord& record) const {
  record.interface = port.interface();
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  if (port.device().call(&info, "-i")) {
    record.driver.assign(info.driver, strnlen(info.driver, sizeof(info.driver)));
    record.bus.assign(info.bus_info, strnlen(info.bus_info, sizeof(info.bus_info)));
    record.firmware.assign(info.fw_version, strnlen(info.fw_version, sizeof(info.fw_version)));
  }
  for (const Change& change : journal_.changes()) {
    if (change.interface != record.interface || change.becomes.empty()) continue;
    record.found[change.setting] = change.was;
    record.set[change.setting] = change.becomes;
  }
}

Status NicLab::meets(const NicDemand& demand) const {
  const auto lacks = [this](const std::string& what, const std::string& fix) {
    return fail(fmt::format("lab {} lacks what the scenario demands: {}", lab_.name, what), 0, fix);
  };
  for (const LabPort* port : own_ports()) {
    if (demand.queues > port->queues) {
      return lacks(fmt::format("{} queues; {} may have {}", demand.queues, port->interface, port->queues),
                   "raise `queues` in the lab file");
    }
  }
  const std::string& receiver = lab_.receiver.interface;
  if (demand.native_xdp && !native_.back())
    return lacks("native XDP, which the driver of " + receiver + " has not", "use `attach = \"generic\"`");
  if (demand.zero_copy && !zero_copy_.back())
    return lacks("zero-copy AF_XDP, which the driver of " + receiver + " has not", "");
  return {};
}

// At home, where the port is down: what a veth pair is made with.
Status NicLab::prepare(const Port& port, const LinkConfig& config, const LinkEndConfig& side, bool receives) {
  const auto channels = channels_for(port.device().as_call(), port.interface(), config.queues);
  if (!channels) return tl::unexpected(channels.error());
  const auto features = offload_features(port.device().as_call(), side.offloads);
  if (!features) return tl::unexpected(features.error());
  std::vector<Setting> settings{
      {"up", "off"}, {"mac", side.mac.to_string()}, {"mtu", std::to_string(config.mtu)}};
  // Frames to other stations reach the receiver on a veth too, and the program judges them.
  if (receives) settings.push_back({"promiscuous", "on"});
  settings.insert(settings.end(), channels->begin(), channels->end());
  settings.insert(settings.end(), features->begin(), features->end());
  return change(port, settings);
}

Result<LinkedHosts> NicLab::connect(LinkConfig config) {
  const std::string what = "connect the ports of lab " + lab_.name;
  config.sender.interface = lab_.sender.interface;
  config.receiver.interface = lab_.receiver.interface;
  config.carrier_timeout = lab_.carrier_timeout;
  const bool here = !lab_.remote;  // the sender too
  if (here) {
    if (Status s = prepare(ports_.front(), config, config.sender, false); !s) return fail(what, s.error());
  }
  if (Status s = prepare(ports_.back(), config, config.receiver, true); !s) return fail(what, s.error());
  Result<NetNamespace> sender = NetNamespace::create(), receiver = NetNamespace::create();
  for (const Result<NetNamespace>* ns : {&sender, &receiver}) {
    if (!*ns) return fail(what, ns->error());
    if (Status quiet = quieten(**ns); !quiet) return fail(what, quiet.error());
  }
  const auto end = [](const LinkEndConfig& side, NetNamespace ns, unsigned index) {
    return LinkedHosts::End{std::move(ns), side.interface, index, side.mac, side.address};
  };
  const std::string to_sender = sender->path(), to_receiver = receiver->path();
  // From here on they come home, however far this gets. A port that moves keeps its index: the namespaces are
  // new.
  LinkedHosts hosts(end(config.sender, std::move(*sender), here ? identities_.front().index : 0),
                    end(config.receiver, std::move(*receiver), identities_.back().index),
                    [this](const LinkedHosts& ended) { bring_home(ended); });
  std::vector<std::string> moves{
      fmt::format("link set dev {} netns {}", config.receiver.interface, to_receiver)};
  if (here) moves.push_back(fmt::format("link set dev {} netns {}", config.sender.interface, to_sender));
  const Status moved = ip_batch(home_, moves);
  if (!moved) return fail(what, moved.error());
  if (const Status dressed = dress(config, hosts); !dressed) return fail(what, dressed.error());
  return hosts;
}

Status NicLab::dress(const LinkConfig& config, const LinkedHosts& hosts) const {
  if (!lab_.remote) {
    const std::vector<std::string> lines = address_lines(config, config.sender, config.receiver);
    if (Status s = ip_batch(hosts.sender().ns, lines); !s) return s;
  }
  std::vector<std::string> lines = address_lines(config, config.receiver, config.sender);
  lines.push_back(default_route_line(config));
  if (Status s = ip_batch(hosts.receiver().ns, lines); !s) return s;
  if (!lab_.remote) {
    if (Status s = check_end(config, config.sender, hosts.sender().ns); !s) return s;
  }
  return check_end(config, config.receiver, hosts.receiver().ns);
}

void NicLab::bring_home(const LinkedHosts& hosts) {
  for (const LinkedHosts::End* end : {&hosts.sender(), &hosts.receiver()}) {
    const Result<LinkReader> reader = LinkReader::open(end->ns);
    if (reader && !reader->read(end->interface)) continue;  // it never left
    const Status moved =
        ip_batch(end->ns, {fmt::format("link set dev {} netns {}", end->interface, home_.path())});
    if (!moved) problems_.push_back(moved.error().message());
  }
  // What the turn set, and what a port loses on its way.
  const std::vector<Change>& all = journal_.changes();
  std::vector<Change> of_turn;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i >= of_lab_ || all[i].setting.starts_with(kSysctl)) of_turn.push_back(all[i]);
  }
  undo(of_turn);
}

void NicLab::undo(const std::vector<Change>& changes) {
  const UndoReport report = undo_changes(identities_, changes, home_, files_);
  problems_.insert(problems_.end(), report.failed.begin(), report.failed.end());
  problems_.insert(problems_.end(), report.gone.begin(), report.gone.end());
}

Status NicLab::give_back() {
  if (std::exchange(given_back_, true)) return {};
  problems_.clear();  // whatever is still wrong shows now
  undo(journal_.changes());
  if (problems_.empty()) return journal_.remove();
  return fail(
      fmt::format("give back the ports of lab {}: {}", lab_.name, fmt::join(problems_, "; ")), 0,
      fmt::format("`runner lab undo` tries again; {} keeps what is to be put back", lab_.journal.string()));
}

}  // namespace penstock
