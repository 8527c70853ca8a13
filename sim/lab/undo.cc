// The changes of each port, backwards.
#include "sim/lab/undo.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <string.h>

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "sim/lab/fields.h"
#include "sim/lab/host_settings.h"
#include "sim/lab/port.h"
#include "sim/topology/link.h"

namespace penstock {
namespace {

// Whether the setting is what it was; of numbers by name, those that were noted.
bool is_as_it_was(const std::string& now, const std::string& was) {
  if (now == was) return true;
  const Result<Fields> current = parse_fields(now), before = parse_fields(was);
  return current && before && !before->empty() && only(*current, *before) == *before;
}

// Addresses and routes are not read back: putting one back that is there changes nothing.
bool can_be_read(const std::string& setting) {
  return !setting.starts_with(kAddress) && !setting.starts_with(kRoute);
}

void undo_one(const Port& port, const Change& change, UndoReport& report) {
  const std::string name = fmt::format("{}: {}", change.interface, change.setting);
  if (can_be_read(change.setting)) {
    const Result<std::string> now = port.read(change.setting);
    if (!now && change.setting.starts_with("irq ")) {
      report.gone.push_back(name + ": there is no such interrupt any more");
      return;
    }
    if (now && is_as_it_was(*now, change.was)) return;
  }
  const Status written = port.write({change.setting, change.was});
  if (written) {
    report.done.push_back(fmt::format("{} put back to {}", name, change.was));
  } else {
    report.failed.push_back(fmt::format("{}: {}", name, written.error().message()));
  }
}

std::string gone_text(const JournalPort& port) {
  if (!port.bus.empty()) return fmt::format("{} ({}) is not here", port.interface, port.bus);
  return fmt::format("{} is gone: a virtual interface goes with the namespace that it was moved to",
                     port.interface);
}

void undo_port(const JournalPort& was, std::span<const Change> changes, const NetNamespace& here,
               const KernelFiles& files, UndoReport& report) {
  const Result<JournalPort> now = identify(here, was.interface);
  if (!now && now.error().code == ENODEV) {
    // A device of its own comes back to the machine's first namespace, so that it is still to be set.
    (was.bus.empty() ? report.gone : report.failed).push_back(gone_text(was));
    return;
  }
  if (!now) {
    report.failed.push_back(now.error().message());
    return;
  }
  if (was.bus.empty() ? now->index != was.index : now->bus != was.bus) {
    report.gone.push_back(fmt::format("{} is another device now: it is left alone", was.interface));
    return;
  }
  const Result<Port> port = Port::open(here, was.interface, files);
  if (!port) {
    report.failed.push_back(port.error().message());
    return;
  }
  // Not every driver takes a MAC or rings of a port that is up; whether it was up is among the changes.
  if (!changes.empty()) {
    if (const Status down = port->write({"up", "off"}); !down)
      report.failed.push_back(down.error().message());
  }
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    if (change->interface == was.interface) undo_one(*port, *change, report);
  }
}

}  // namespace

Result<JournalPort> identify(const NetNamespace& here, const std::string& interface) {
  const Result<LinkReader> reader = LinkReader::open(here);
  if (!reader) return tl::unexpected(reader.error());
  const Result<LinkState> link = reader->read(interface);
  if (!link) return tl::unexpected(link.error());
  const Result<Ethtool> device = Ethtool::open(here, interface);
  if (!device) return tl::unexpected(device.error());
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  std::string bus;
  if (device->call(&info, "-i")) bus.assign(info.bus_info, strnlen(info.bus_info, sizeof(info.bus_info)));
  return JournalPort{.interface = interface, .bus = std::move(bus), .index = link->index};
}

UndoReport undo_changes(std::span<const JournalPort> ports, std::span<const Change> changes,
                        const NetNamespace& here, const KernelFiles& files) {
  UndoReport report;
  for (const JournalPort& port : ports)
    undo_port(port, changes, here, files, report);
  return report;
}

UndoReport undo_left_over(const JournalContents& contents, const NetNamespace& here,
                          const KernelFiles& files) {
  if (contents.boot != boot_id()) return {};
  return undo_changes(contents.ports, contents.changes, here, files);
}

}  // namespace penstock
