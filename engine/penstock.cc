// The binary that a validator operator runs. Each subcommand is a library in engine/commands; this
// file holds the command line and nothing else.
//
// Exit status: 0 done, 1 the command failed, 2 usage.
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "engine/commands/classify_command.h"
#include "engine/version/version.h"

namespace {

using penstock::ClassifierConfig;

int report(const penstock::Status& status) {
  if (status) return 0;
  std::fprintf(stderr, "penstock: %s\n", status.error().message().c_str());
  return 1;
}

// Options that several subcommands share, as the words of the command line.
struct ClassifyOptions {
  std::string pcap;
  std::vector<std::uint16_t> ports;
  std::string mac;
  std::vector<std::string> addresses;
};

penstock::Status classify(const ClassifyOptions& options) {
  ClassifierConfig config{.ports = options.ports};
  if (!options.mac.empty()) {
    const auto mac = penstock::MacAddress::parse(options.mac);
    if (!mac) return tl::unexpected(mac.error());
    config.mac = *mac;
  }
  for (const std::string& text : options.addresses) {
    const auto address = penstock::Ipv4Address::parse(text);
    if (!address) return tl::unexpected(address.error());
    config.addresses.push_back(*address);
  }
  return penstock::classify_capture(options.pcap, config, stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Penstock: takes Solana shreds off a network card with AF_XDP and eBPF.");
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);

  ClassifyOptions options;
  CLI::App* classify_app = app.add_subcommand(
      "classify", "Say of every frame of a capture whether the receiver would take it, and why not.");
  classify_app->add_option("--pcap", options.pcap, "Ethernet capture, pcap or pcapng")
      ->required()
      ->check(CLI::ExistingFile);
  classify_app->add_option("--port", options.ports, "UDP ports that are ours")
      ->required()
      ->check(CLI::Range(1, 65535))
      ->delimiter(',');
  classify_app->add_option("--mac", options.mac, "the receiving interface's MAC; without it any is accepted");
  classify_app
      ->add_option("--address", options.addresses, "this host's IPv4 addresses; without them any is accepted")
      ->delimiter(',');
  bool json = true;
  classify_app->add_flag("--json", json,
                         "one JSON object a line: the only format there is, and so the default");

  CLI::App* version_app = app.add_subcommand("version", "Print the commit that this binary was built from.");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (version_app->parsed()) {
    std::printf("penstock %s\n", std::string(penstock::version()).c_str());
    return 0;
  }
  return report(classify(options));
}
