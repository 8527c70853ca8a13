// The file of `penstock run`: its default is its manual, and mistakes are shown all at once.
#include "engine/config/run_config.h"

#include <set>
#include <sstream>

#include <gtest/gtest.h>

namespace penstock {
namespace {

// Keys that stand in the default file, as "table.key".
std::set<std::string> keys_in_default_file() {
  std::istringstream text{std::string(default_run_config())};
  std::set<std::string> keys;
  std::string table;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with('[')) table = line.substr(1, line.size() - 2) + ".";
    if (line.empty() || line[0] == '#' || line[0] == '[') continue;
    keys.insert(table + line.substr(0, line.find(' ')));
  }
  return keys;
}

std::string errors_of(std::string_view text) {
  const auto config = parse_run_config(text, "run.toml");
  return config ? "" : config.error().what;
}

TEST(DefaultRunConfig, ListsEveryKeyOfTheReader) {
  const std::vector<std::string> known = run_config_keys();
  const std::set<std::string> wanted(known.begin(), known.end());
  EXPECT_EQ(keys_in_default_file(), wanted);
}

TEST(DefaultRunConfig, SaysWhatTheDefaultsAre) {
  const auto written = parse_run_config(default_run_config(), "default");
  ASSERT_TRUE(written) << written.error().message();
  const auto left_out = parse_run_config("interface = \"eth0\"\nports = [8003]\n", "short");
  ASSERT_TRUE(left_out) << left_out.error().message();
  EXPECT_TRUE(*written == *left_out);
}

TEST(RunConfig, ReadsTheShredStage) {
  const auto config = parse_run_config(R"toml(
    interface = "pen1"
    ports = [8003, 8009]
    [shreds]
    stage = "full"
    rules = "strict"
    version = 27350
    leader = "FT9QgTVo375TgDAQusTgpsfXqTosCJLfrBpoVdcbnhtS"
    repair_ports = [8009]
    index_limit = 131072
    digest = true
  )toml",
                                       "run.toml");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->shreds.stage, ShredStageKind::kFull);
  EXPECT_EQ(config->shreds.rules, RuleMode::kStrict);
  EXPECT_EQ(config->shreds.version, 27350);
  EXPECT_TRUE(config->shreds.leader.has_value());
  EXPECT_EQ(config->shreds.repair_ports, (std::vector<std::uint16_t>{8009}));
  EXPECT_EQ(config->shreds.index_limit, 131'072u);
  EXPECT_TRUE(config->shreds.digest);
}

TEST(RunConfig, RefusesAShredStageThatCannotBe) {
  const std::string start = "interface = \"pen1\"\nports = [8003]\n[shreds]\n";
  EXPECT_NE(errors_of(start + "leader = \"not a key\"").find("'leader'"), std::string::npos);
  EXPECT_NE(errors_of(start + "repair_ports = [8009]").find("which 'ports' does not"), std::string::npos);
  EXPECT_NE(
      errors_of(start + "leader = \"FT9QgTVo375TgDAQusTgpsfXqTosCJLfrBpoVdcbnhtS\"\nleader_file = \"x\"")
          .find("exclude each other"),
      std::string::npos);
  EXPECT_NE(errors_of(start + "stage = \"ful\"").find("full"), std::string::npos);
  EXPECT_NE(errors_of(start + "stage = \"cheap\"\ndigest = true").find("of FEC sets"), std::string::npos);
}

TEST(RunConfig, ReadsWhatIsWritten) {
  const auto config = parse_run_config(R"toml(
    interface = "pen1"
    further_interfaces = ["pen3"]
    path = "userspace_filter"
    required = true
    confined = false
    ports = [8003, 8009]
    link_depth = 64
    [sink]
    thread = true
    [receiver]
    companion = "external"
    scope = "all"
    sockets = 2
    return_depth = 64
    loader = "direct"
    huge_pages = "off"
    [threads]
    wait = "busy_poll"
    busy_poll_us = 50
    net_tiles = 2
    net_cpus = [3, 1, 0]
    on_stall = "report"
    [metrics]
    listen = "[::1]:0"
  )toml",
                                       "run.toml");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->interface, "pen1");
  EXPECT_EQ(config->further_interfaces, std::vector<std::string>{"pen3"});
  EXPECT_EQ(config->path, Path::kUserspaceFilter);
  EXPECT_FALSE(config->confined);
  EXPECT_TRUE(config->required);
  EXPECT_EQ(config->ports, (std::vector<std::uint16_t>{8003, 8009}));
  EXPECT_EQ(config->link_depth, 64u);
  EXPECT_TRUE(config->sink_thread);
  EXPECT_FALSE(config->sink_digest);
  EXPECT_EQ(config->receiver.companion, Companion::kExternal);
  EXPECT_EQ(config->receiver.scope, TakeScope::kAll);
  EXPECT_EQ(config->receiver.sockets, 2u);
  EXPECT_EQ(config->receiver.return_depth, 64u);
  EXPECT_EQ(config->receiver.loader, Loader::kDirect);
  EXPECT_EQ(config->receiver.huge_pages, HugePages::kOff);
  EXPECT_EQ(config->wait, WaitStrategy::kBusyPoll);
  EXPECT_EQ(config->busy_poll, (BusyPoll{.microseconds = 50, .budget = 64}));
  EXPECT_EQ(config->net_tiles, 2u);
  EXPECT_EQ(config->net_cpus, (std::vector<int>{3, 1, 0}));
  EXPECT_EQ(config->on_stall, OnStall::kReport);
  EXPECT_EQ(config->metrics_listen, "[::1]:0");
}

TEST(RunConfig, ShowsEveryMistakeWithItsPlace) {
  const std::string errors = errors_of(R"toml(interface = "an_interface_name"
path = "kernel_filtre"
ports = [8003, 8003, 0]
[receiver]
rx_entires = 64
return_depth = 100
[threads]
wait = 1
[metrics]
listen = "localhost:9184"
)toml");
  for (const char* wanted :
       {"run.toml:1:", "15 characters", "run.toml:2:", "kernel_filter", "run.toml:3:", "twice",
        "run.toml:5:1: unknown key 'rx_entires' in [receiver]; did you mean 'rx_entries'?",
        "run.toml:6:", "power of two", "run.toml:8:", "run.toml:10:", "no IPv4 address"})
    EXPECT_NE(errors.find(wanted), std::string::npos) << wanted << " in\n" << errors;
}

TEST(RunConfig, NamesEachInterfaceOnce) {
  const std::string start = "interface = \"pen1\"\nports = [8003]\nfurther_interfaces = ";
  EXPECT_NE(errors_of(start + "[\"pen1\"]").find("pen1, which is there already"), std::string::npos);
  EXPECT_NE(errors_of(start + "[\"pen3\", \"pen3\"]").find("pen3, which is there"), std::string::npos);
  EXPECT_NE(errors_of(start + "[\"\"]").find("1 to 15 characters"), std::string::npos);
}

TEST(RunConfig, NeedsAnInterfaceAndAPort) {
  EXPECT_NE(errors_of("").find("'interface' is missing"), std::string::npos);
  EXPECT_NE(errors_of("interface = \"x\"").find("'ports' is missing"), std::string::npos);
  EXPECT_NE(errors_of("link_depth = 32").find("must be 64"), std::string::npos) << "a batch must fit";
  EXPECT_NE(errors_of("[outlet]\nsocket = \"relative\"").find("absolute path"), std::string::npos);
  EXPECT_NE(errors_of("[shreds]\nstage = \"cheap\"\n[outlet]\nsocket = \"/run/x\"").find("proves nothing"),
            std::string::npos);
  EXPECT_NE(errors_of("[capture]\nverdicts = true").find("'verdicts' needs a shred stage"),
            std::string::npos);
  EXPECT_NE(errors_of("[outlet]\nforward = \"192.0.2.1:8001\"").find("loopback"), std::string::npos);
  EXPECT_NE(errors_of("[outlet]\nforward = \"127.0.0.1\"").find("loopback"), std::string::npos);
  EXPECT_NE(errors_of("ports = [8003]\n[outlet]\nforward = \"127.0.0.1:8003\"").find("come again"),
            std::string::npos);
  EXPECT_EQ(errors_of("ports = [8003]\n[receiver]\ncompanion = \"external\"\n[outlet]\nforward = "
                      "\"127.0.0.1:8003\"")
                .find("come again"),
            std::string::npos);
  EXPECT_NE(errors_of("[threads]\nnet_cpus = [0, 1]").find("2 CPUs for 1 net threads"), std::string::npos);
  EXPECT_NE(errors_of("interface = \"x\"\nports = []").find("must list 1 to 16"), std::string::npos);
}

}  // namespace
}  // namespace penstock
