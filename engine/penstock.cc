// The binary that a validator operator runs. Each subcommand is a library in engine/commands; this
// file holds the command line and nothing else.
//
// Exit status: 0 done, 1 the command failed, 2 usage.
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "engine/commands/classify_command.h"
#include "engine/commands/configure_command.h"
#include "engine/commands/control_command.h"
#include "engine/commands/debug_bundle_command.h"
#include "engine/commands/monitor_command.h"
#include "engine/commands/run_command.h"
#include "engine/config/run_config.h"
#include "engine/doctor/doctor.h"
#include "engine/shred/base58.h"
#include "engine/shred/shreds_report.h"
#include "engine/version/version.h"

namespace {

using penstock::ClassifierConfig;

int report(const penstock::Status& status) {
  if (status) return 0;
  std::fprintf(stderr, "penstock: %s\n", status.error().message().c_str());
  return 1;
}

// The words of the command line, one struct a subcommand.
struct ClassifyOptions {
  std::string pcap;
  std::vector<std::uint16_t> ports;
  std::string mac;
  std::vector<std::string> addresses;
  std::uint32_t max_frame = ClassifierConfig{}.max_frame;
  bool vlan = false;
  bool ipv6 = false;
  bool verify_udp_checksum = false;
};

struct ShredsOptions {
  std::string pcap;
  std::uint16_t port = 0;
  std::string leader;
  std::optional<std::uint16_t> version;
  std::optional<std::uint64_t> root;
  bool strict = false;
};

penstock::Status classify(const ClassifyOptions& options) {
  ClassifierConfig config{.ports = options.ports,
                          .max_frame = options.max_frame,
                          .vlan = options.vlan,
                          .ipv6 = options.ipv6,
                          .verify_udp_checksum = options.verify_udp_checksum};
  if (!options.mac.empty()) {
    const auto mac = penstock::MacAddress::parse(options.mac);
    if (!mac) return tl::unexpected(mac.error());
    config.mac = *mac;
  }
  for (const std::string& text : options.addresses) {
    if (text.find(':') != std::string::npos) {
      const auto address = penstock::Ipv6Address::parse(text);
      if (!address) return tl::unexpected(address.error());
      config.ipv6_addresses.push_back(*address);
      continue;
    }
    const auto address = penstock::Ipv4Address::parse(text);
    if (!address) return tl::unexpected(address.error());
    config.addresses.push_back(*address);
  }
  return penstock::classify_capture(options.pcap, config, stdout);
}

penstock::Status shreds(const ShredsOptions& options) {
  penstock::ShredsReportOptions wanted{
      .version = options.version,
      .root = options.root,
      .mode = options.strict ? penstock::RuleMode::kStrict : penstock::RuleMode::kCompat};
  if (options.port != 0) wanted.port = options.port;
  if (!options.leader.empty()) {
    const auto leader = penstock::key_from_base58(options.leader);
    if (!leader) return tl::unexpected(leader.error());
    wanted.leader = *leader;
  }
  const auto found = penstock::report_shreds(options.pcap, wanted);
  if (!found) return tl::unexpected(found.error());
  std::printf("%s\n", found->to_json().c_str());
  return {};
}

penstock::Status check_config(const std::string& file) {
  const auto config = penstock::read_run_config(file);
  if (!config) return tl::unexpected(config.error());
  std::printf("%s: good\n", file.c_str());
  return {};
}

struct DoctorOptions {
  std::string config;
  bool json = false;
  bool after_restart = false;
};

// Exit status: 0 nothing is wrong, 1 something will not work, 2 a bad file.
int doctor(const DoctorOptions& options) {
  const auto config = penstock::read_run_config(options.config);
  if (!config) {
    std::fprintf(stderr, "penstock: %s\n", config.error().message().c_str());
    return 2;
  }
  if (options.after_restart) {
    const auto way = penstock::way_after_restart(*config);
    std::printf("%s\n", way ? to_string(*way).c_str() : "");
    return way ? 0 : 1;
  }
  const penstock::Diagnosis diagnosis = penstock::diagnose(*config);
  if (options.json) {
    std::fputs(penstock::findings_json(diagnosis.findings, diagnosis.prediction).c_str(), stdout);
  } else {
    std::printf("%s%s\n", penstock::findings_text(diagnosis.findings).c_str(), diagnosis.prediction.c_str());
  }
  return worst_of(diagnosis.findings) == penstock::Level::kFail ? 1 : 0;
}

CLI::App* add_classify(CLI::App& app, ClassifyOptions& options) {
  CLI::App* classify = app.add_subcommand("classify",
                                          "Say of every frame of a capture whether the receiver would take "
                                          "it, and why not: one JSON object a line.");
  classify->add_option("--pcap", options.pcap, "Ethernet capture, pcap or pcapng")
      ->required()
      ->check(CLI::ExistingFile);
  classify->add_option("--port", options.ports, "UDP ports that are ours")
      ->required()
      ->check(CLI::Range(1, 65535))
      ->delimiter(',');
  classify->add_option("--mac", options.mac, "the receiving interface's MAC; without it any is accepted");
  classify
      ->add_option("--address", options.addresses,
                   "this host's IPv4 and IPv6 addresses; without them any is accepted")
      ->delimiter(',');
  classify->add_option("--max-frame", options.max_frame, "longest frame, in bytes, that fits a UMEM chunk")
      ->capture_default_str();
  classify->add_flag("--vlan", options.vlan, "look through priority tags (VID 0)");
  classify->add_flag("--ipv6", options.ipv6, "take plain IPv6/UDP");
  classify->add_flag("--verify-udp-checksum", options.verify_udp_checksum,
                     "pass frames with a bad UDP checksum");
  return classify;
}

CLI::App* add_shreds(CLI::App& app, ShredsOptions& options) {
  CLI::App* shreds = app.add_subcommand(
      "shreds", "Say which shreds and FEC sets a capture holds, through the real resolver: one JSON object.");
  shreds->add_option("--pcap", options.pcap, "Ethernet capture, pcap or pcapng")
      ->required()
      ->check(CLI::ExistingFile);
  shreds->add_option("--port", options.port, "the UDP port of the shreds; without it every port")
      ->check(CLI::Range(1, 65535));
  shreds->add_option("--leader", options.leader,
                     "the leader's public key in base58; without it sets are unverified");
  shreds->add_option("--version", options.version, "shred version of the cluster; without it any");
  shreds->add_option("--root", options.root,
                     "root slot: older slots are rejected; without it the first set's");
  shreds->add_flag("--strict,!--compat", options.strict,
                   "the rules of SIMD-0504 instead of what validators accept today");
  return shreds;
}

CLI::App* add_run(CLI::App& app, penstock::RunOptions& options) {
  CLI::App* run = app.add_subcommand(
      "run", "Receive: take what is for the configured ports off the interface until SIGTERM.");
  run->add_option("--config", options.config, "the file that `penstock print-config` shows")->required();
  run->add_option("--counters", options.counters,
                  "file for the counters as Prometheus text: written at the end and on SIGUSR1");
  run->add_option("--control", options.control,
                  "Unix socket to make, where `penstock reload` and `penstock swap-programs` reach it");
  run->add_option("--look-again", options.look_again_seconds,
                  "seconds between two looks whether a restart would now receive by a faster way, where "
                  "path = \"auto\" had to step down to sockets")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  return run;
}

CLI::App* add_control(CLI::App& app, penstock::ControlCommand& command, const std::string& explanation) {
  CLI::App* control = app.add_subcommand(std::string(command.request), explanation);
  control->add_option("--control", command.control, "the engine's --control")->capture_default_str();
  return control;
}

CLI::App* add_monitor(CLI::App& app, penstock::MonitorOptions& options) {
  CLI::App* monitor = app.add_subcommand(
      "monitor",
      "Show what a running engine does, once a second, and why it receives nothing if it does not.");
  CLI::Option* address =
      monitor->add_option("--address", options.address, "its [metrics] listen")->capture_default_str();
  monitor->add_option("--config", options.config, "the file of `penstock run`, which has the address")
      ->excludes(address);
  monitor->add_flag("--json", options.json, "one JSON object a line");
  monitor->add_flag("--once", options.once, "one view over a second, then the end");
  return monitor;
}

CLI::App* add_debug_bundle(CLI::App& app, penstock::DebugBundleOptions& options) {
  CLI::App* bundle = app.add_subcommand(
      "debug-bundle",
      "Collect what a report needs into one archive, and say what is in it: changes nothing.");
  bundle->add_option("directory", options.directory, "where the archive goes")->capture_default_str();
  bundle->add_option("--config", options.config, "the file of `penstock run`")->capture_default_str();
  return bundle;
}

CLI::App* add_configure(CLI::App& app, penstock::ConfigureOptions& options) {
  CLI::App* configure = app.add_subcommand(
      "configure", "Put the host into the state that the file's [host] asks for, and back.");
  configure
      ->add_option("what", options.what, "check: say what is not so; init: set it; fini: put back what was")
      ->required()
      ->check(CLI::IsMember({"check", "init", "fini"}));
  configure->add_option("--config", options.config, "the file of `penstock run`")->required();
  configure->add_flag("--json", options.json, "one JSON object");
  return configure;
}

CLI::App* add_doctor(CLI::App& app, DoctorOptions& options) {
  CLI::App* doctor = app.add_subcommand(
      "doctor", "Say what `penstock run` will meet: what is wrong, what mends it, which way it would take.");
  doctor->add_option("--config", options.config, "the file of `penstock run`")->required();
  CLI::Option* json = doctor->add_flag("--json", options.json, "one JSON object");
  doctor
      ->add_flag("--after-restart", options.after_restart,
                 "only the way that a restart of the engine that runs with this file would take")
      ->excludes(json);
  return doctor;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Penstock: takes Solana shreds off a network card with AF_XDP and eBPF.");
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);

  ClassifyOptions classify_options;
  ShredsOptions shreds_options;
  // The only format there is; the flag keeps command lines valid when there are others.
  bool json = true;
  const CLI::App* classify_app = add_classify(app, classify_options);
  const CLI::App* shreds_app = add_shreds(app, shreds_options);
  for (CLI::App* subcommand : app.get_subcommands({}))
    subcommand->add_flag("--json", json, "JSON, the default");
  penstock::RunOptions run_options;
  std::string checked_file;
  const CLI::App* run_app = add_run(app, run_options);
  penstock::ControlCommand reload{penstock::kReloadRequest}, swap{penstock::kSwapRequest};
  const CLI::App* reload_app = add_control(
      app, reload, "Have a running engine read its file anew, and say what it takes and what waits.");
  const CLI::App* swap_app = add_control(app, swap, "Have a running engine load its XDP program anew.");
  DoctorOptions doctor_options;
  const CLI::App* doctor_app = add_doctor(app, doctor_options);
  penstock::ConfigureOptions configure_options;
  const CLI::App* configure_app = add_configure(app, configure_options);
  penstock::DebugBundleOptions bundle_options;
  const CLI::App* bundle_app = add_debug_bundle(app, bundle_options);
  penstock::MonitorOptions monitor_options;
  const CLI::App* monitor_app = add_monitor(app, monitor_options);
  const CLI::App* print_app =
      app.add_subcommand("print-config", "Print the default file of `penstock run`, which is its manual.");
  CLI::App* check_app =
      app.add_subcommand("check-config", "Say what is wrong with a file of `penstock run`.");
  check_app->add_option("file", checked_file, "the file")->required();
  app.add_subcommand("version", "Print the commit that this binary was built from.");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (classify_app->parsed()) return report(classify(classify_options));
  if (shreds_app->parsed()) return report(shreds(shreds_options));
  if (run_app->parsed()) return report(penstock::run_engine(run_options));
  if (reload_app->parsed() || swap_app->parsed())
    return report(penstock::command_engine(swap_app->parsed() ? swap : reload));
  if (doctor_app->parsed()) return doctor(doctor_options);
  if (configure_app->parsed()) return penstock::configure_host(configure_options);
  if (bundle_app->parsed()) return report(penstock::collect_debug_bundle(bundle_options));
  if (monitor_app->parsed()) return report(penstock::monitor_engine(monitor_options, stdout));
  if (check_app->parsed()) return report(check_config(checked_file));
  if (print_app->parsed()) {
    std::fputs(std::string(penstock::default_run_config()).c_str(), stdout);
    return 0;
  }
  std::printf("penstock %s\n", std::string(penstock::version()).c_str());
  return 0;
}
